/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The fields of every type of record. */
export interface RecordFields {
  readonly Tenant: 'id' | 'label' | 'name' | 'slug' | 'timeZone' | 'locale' | 'currency' | 'planType' | 'maxUsers' | 'maxStorageGb' | 'trialEndsAt' | 'subscriptionEndsAt' | 'workingDays' | 'holidays' | 'opensAt' | 'closesAt' | 'followUp' | 'fieldLimits' | 'testClock' | 'isActive' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly User: 'id' | 'label' | 'firstName' | 'lastName' | 'email' | 'title' | 'phone' | 'locale' | 'timeZone' | 'avatarUrl' | 'fullName' | 'role' | 'status' | 'isActive' | 'isVerified' | 'lastLoginAt' | 'userName' | 'externalId' | 'displayName' | 'formattedName' | 'employeeNumber' | 'costCenter' | 'organization' | 'division' | 'department' | 'managerId' | 'directoryRemovedAt' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'manager' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Invitation: 'id' | 'label' | 'email' | 'role' | 'teamIds' | 'status' | 'invitedById' | 'sentAt' | 'expiresAt' | 'acceptedAt' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'teams' | 'invitedBy' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Team: 'id' | 'label' | 'name' | 'description' | 'region' | 'managerId' | 'memberIds' | 'externalId' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'manager' | 'members' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly IdentityProvider: 'id' | 'label' | 'name' | 'kind' | 'domains' | 'isActive' | 'preset' | 'entityId' | 'signOnUrl' | 'certificates' | 'isResponseSigned' | 'issuerUrl' | 'clientId' | 'emailAttribute' | 'firstNameAttribute' | 'lastNameAttribute' | 'groupsAttribute' | 'groupRoles' | 'isProvisioning' | 'provisioningRole' | 'isForced' | 'breakGlassIds' | 'hasSecret' | 'lastRefusal' | 'lastRefusedAt' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'breakGlasss' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Role: 'id' | 'label' | 'name' | 'description' | 'grants' | 'memberIds' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'members' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly SettingHolder: 'id' | 'label' | 'title' | 'level' | 'userId' | 'values' | 'locks' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'user' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly ScimConnection: 'id' | 'label' | 'name' | 'groupRoles' | 'defaultRole' | 'tokenExpiresAt' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Company: 'id' | 'label' | 'name' | 'slug' | 'parentId' | 'industry' | 'companySize' | 'companyStatus' | 'website' | 'phone' | 'email' | 'annualRevenue' | 'employeeCount' | 'foundedYear' | 'addressStreet' | 'addressCity' | 'addressState' | 'addressPostalCode' | 'addressCountry' | 'billingAddress' | 'shippingAddress' | 'description' | 'shares' | 'sharedWith' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'parent' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Contact: 'id' | 'label' | 'fullName' | 'firstName' | 'lastName' | 'email' | 'phone' | 'mobile' | 'title' | 'department' | 'companyId' | 'contactStatus' | 'leadSource' | 'leadStatus' | 'lifecycleStage' | 'leadScore' | 'lastContactedAt' | 'addressStreet' | 'addressCity' | 'addressState' | 'addressPostalCode' | 'addressCountry' | 'socialLinkedin' | 'socialTwitter' | 'socialFacebook' | 'socialProfiles' | 'preferences' | 'about' | 'shares' | 'sharedWith' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'company' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Product: 'id' | 'label' | 'name' | 'code' | 'series' | 'description' | 'unitPrice' | 'isActive' | 'shares' | 'sharedWith' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Pipeline: 'id' | 'label' | 'name' | 'isDefault' | 'description' | 'stages' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'createdByUser' | 'updatedByUser' | 'history';
  readonly Deal: 'id' | 'label' | 'name' | 'companyId' | 'contactId' | 'amount' | 'probability' | 'expectedCloseDate' | 'leadSource' | 'dealSource' | 'nextStep' | 'description' | 'pipelineId' | 'stageId' | 'stageProbability' | 'stageChangedAt' | 'status' | 'isClosed' | 'isWon' | 'closedAt' | 'actualCloseDate' | 'lostReason' | 'weightedAmount' | 'lineItems' | 'shares' | 'sharedWith' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'company' | 'contact' | 'pipeline' | 'createdByUser' | 'updatedByUser' | 'history' | 'stage';
  readonly Task: 'id' | 'label' | 'title' | 'description' | 'relatedToType' | 'relatedToId' | 'taskType' | 'priority' | 'dueDate' | 'assignedToId' | 'status' | 'completedAt' | 'shares' | 'sharedWith' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'assignedTo' | 'createdByUser' | 'updatedByUser' | 'relatedTo' | 'history';
  readonly Note: 'id' | 'label' | 'excerpt' | 'content' | 'relatedToType' | 'relatedToId' | 'isPinned' | 'shares' | 'sharedWith' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'createdByUser' | 'updatedByUser' | 'relatedTo' | 'history';
  readonly Activity: 'id' | 'label' | 'activityType' | 'subject' | 'description' | 'happenedAt' | 'durationMinutes' | 'direction' | 'outcome' | 'relatedToType' | 'relatedToId' | 'shares' | 'sharedWith' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'createdByUser' | 'updatedByUser' | 'relatedTo' | 'history';
  readonly Followup: 'id' | 'label' | 'status' | 'relatedToType' | 'relatedToId' | 'beginAt' | 'dueAt' | 'taskId' | 'managerId' | 'managerTaskId' | 'endReason' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'task' | 'manager' | 'managerTask' | 'createdByUser' | 'updatedByUser' | 'relatedTo' | 'history';
  readonly Notification: 'id' | 'label' | 'reason' | 'relatedToType' | 'relatedToId' | 'isRead' | 'ownerId' | 'tags' | 'revision' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy' | 'archivedAt' | 'deletedAt' | 'owner' | 'createdByUser' | 'updatedByUser' | 'relatedTo' | 'history';
}

/** Whether a list shows records in a stage of their life. */
export type Presence =
  | 'exclude'
  | 'include'
  | 'only';

export type UserRole =
  | 'owner'
  | 'admin'
  | 'manager'
  | 'member'
  | 'viewer';

export type PipelineStageKind =
  | 'open'
  | 'won'
  | 'lost';

export type PipelineStageRequiredField =
  | 'companyId'
  | 'contactId'
  | 'amount'
  | 'expectedCloseDate'
  | 'leadSource'
  | 'dealSource'
  | 'nextStep'
  | 'description';

export type DealStatus =
  | 'open'
  | 'won'
  | 'lost';

export type TaskPriority =
  | 'low'
  | 'medium'
  | 'high'
  | 'urgent';

export type TaskStatus =
  | 'pending'
  | 'in_progress'
  | 'completed'
  | 'cancelled';

export type NotificationReason =
  | 'assigned';

export type NotificationRelatedToType =
  | 'task'
  | 'deal';

export type IdFilter = {
  readonly eq?: string | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<string> | null | undefined;
  readonly in?: ReadonlyArray<string> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type TagsFilter = {
  readonly eq?: string | null | undefined;
  readonly in?: ReadonlyArray<string> | null | undefined;
  /** Every one of these. */
  readonly all?: ReadonlyArray<string> | null | undefined;
};

export type IntFilter = {
  readonly eq?: number | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<number> | null | undefined;
  readonly gt?: number | null | undefined;
  readonly gte?: number | null | undefined;
  readonly lt?: number | null | undefined;
  readonly lte?: number | null | undefined;
  readonly in?: ReadonlyArray<number> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type DateTimeFilter = {
  readonly eq?: string | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<string> | null | undefined;
  readonly gt?: string | null | undefined;
  readonly gte?: string | null | undefined;
  readonly lt?: string | null | undefined;
  readonly lte?: string | null | undefined;
  readonly in?: ReadonlyArray<string> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type StringFilter = {
  readonly eq?: string | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<string> | null | undefined;
  readonly gt?: string | null | undefined;
  readonly gte?: string | null | undefined;
  readonly lt?: string | null | undefined;
  readonly lte?: string | null | undefined;
  readonly in?: ReadonlyArray<string> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type BooleanFilter = {
  readonly eq?: boolean | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<boolean> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type MoneyFilter = {
  readonly eq?: string | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<string> | null | undefined;
  readonly gt?: string | null | undefined;
  readonly gte?: string | null | undefined;
  readonly lt?: string | null | undefined;
  readonly lte?: string | null | undefined;
  readonly in?: ReadonlyArray<string> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type DateFilter = {
  readonly eq?: string | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<string> | null | undefined;
  readonly gt?: string | null | undefined;
  readonly gte?: string | null | undefined;
  readonly lt?: string | null | undefined;
  readonly lte?: string | null | undefined;
  readonly in?: ReadonlyArray<string> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type DealStatusFilter = {
  readonly eq?: DealStatus | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<DealStatus> | null | undefined;
  readonly in?: ReadonlyArray<DealStatus> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type DealFilter = {
  readonly id?: IdFilter | null | undefined;
  readonly ownerId?: IdFilter | null | undefined;
  readonly tags?: TagsFilter | null | undefined;
  readonly revision?: IntFilter | null | undefined;
  readonly createdAt?: DateTimeFilter | null | undefined;
  readonly createdBy?: StringFilter | null | undefined;
  readonly updatedAt?: DateTimeFilter | null | undefined;
  readonly updatedBy?: StringFilter | null | undefined;
  readonly archivedAt?: DateTimeFilter | null | undefined;
  readonly deletedAt?: DateTimeFilter | null | undefined;
  readonly name?: StringFilter | null | undefined;
  readonly companyId?: IdFilter | null | undefined;
  readonly contactId?: IdFilter | null | undefined;
  readonly amount?: MoneyFilter | null | undefined;
  readonly probability?: IntFilter | null | undefined;
  readonly expectedCloseDate?: DateFilter | null | undefined;
  readonly leadSource?: StringFilter | null | undefined;
  readonly dealSource?: StringFilter | null | undefined;
  readonly pipelineId?: IdFilter | null | undefined;
  readonly stageId?: IdFilter | null | undefined;
  readonly stageChangedAt?: DateTimeFilter | null | undefined;
  readonly status?: DealStatusFilter | null | undefined;
  readonly isClosed?: BooleanFilter | null | undefined;
  readonly isWon?: BooleanFilter | null | undefined;
  readonly closedAt?: DateTimeFilter | null | undefined;
  readonly actualCloseDate?: DateFilter | null | undefined;
  readonly weightedAmount?: MoneyFilter | null | undefined;
  readonly sharedWith?: TagsFilter | null | undefined;
};

export type NotificationRelatedToTypeFilter = {
  readonly eq?: NotificationRelatedToType | null | undefined;
  /** None of these, or no value. */
  readonly ne?: ReadonlyArray<NotificationRelatedToType> | null | undefined;
  readonly in?: ReadonlyArray<NotificationRelatedToType> | null | undefined;
  /** Whether there is no value. */
  readonly null?: boolean | null | undefined;
};

export type NotificationFilter = {
  readonly id?: IdFilter | null | undefined;
  readonly ownerId?: IdFilter | null | undefined;
  readonly tags?: TagsFilter | null | undefined;
  readonly revision?: IntFilter | null | undefined;
  readonly createdAt?: DateTimeFilter | null | undefined;
  readonly createdBy?: StringFilter | null | undefined;
  readonly updatedAt?: DateTimeFilter | null | undefined;
  readonly updatedBy?: StringFilter | null | undefined;
  readonly archivedAt?: DateTimeFilter | null | undefined;
  readonly deletedAt?: DateTimeFilter | null | undefined;
  readonly relatedToType?: NotificationRelatedToTypeFilter | null | undefined;
  readonly relatedToId?: IdFilter | null | undefined;
  readonly isRead?: BooleanFilter | null | undefined;
};

export type RecordType =
  | 'tenant'
  | 'user'
  | 'invitation'
  | 'team'
  | 'identity_provider'
  | 'role'
  | 'setting_holder'
  | 'scim_connection'
  | 'company'
  | 'contact'
  | 'product'
  | 'pipeline'
  | 'deal'
  | 'task'
  | 'note'
  | 'activity'
  | 'followup'
  | 'notification';

/** Which entries of the timeline; all of these hold. */
export type TimelineFilter = {
  /** Together with recordId: entries of one record. */
  readonly recordType?: RecordType | null | undefined;
  readonly recordId?: string | null | undefined;
  /** Also entries of notes, tasks and deals that belong to the record. */
  readonly includeRelated?: boolean | null | undefined;
  readonly recordTypes?: ReadonlyArray<RecordType> | null | undefined;
  /** A user id, or the name of a process. */
  readonly actorId?: string | null | undefined;
  readonly actions?: ReadonlyArray<string> | null | undefined;
  /** Entries that changed this field. */
  readonly field?: string | null | undefined;
  readonly correlationId?: string | null | undefined;
  /** Text in labels and changes. */
  readonly search?: string | null | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
};

/** All records, those of the own teams, or the own ones. */
export type Scope =
  | 'all'
  | 'team'
  | 'own';

/** Whether a read model shows all there is, will soon, lacks records, or stands still. */
export type ProjectionStatus =
  | 'current'
  | 'behind'
  | 'parked'
  | 'stopped';

export type RebuildState =
  | 'waiting'
  | 'running'
  | 'stopped'
  | 'cancelled';

export type JobStatus =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled';

export type ErasureReason =
  | 'request'
  | 'consent_withdrawn'
  | 'no_longer_needed'
  | 'unlawful'
  | 'legal_duty';

export type BoardSumsQueryVariables = Exact<{
  pipelineId?: string | null | undefined;
  filter?: DealFilter | null | undefined;
  search?: string | null | undefined;
  asOf?: string | null | undefined;
}>;


export type BoardSumsQuery = { readonly dealPipeline: { readonly stages: ReadonlyArray<{ readonly count: number, readonly stage: { readonly stageId: string, readonly name: string, readonly position: number, readonly kind: PipelineStageKind }, readonly totals: ReadonlyArray<{ readonly amount: { readonly amountMinor: string, readonly currency: string }, readonly weightedAmount: { readonly amountMinor: string, readonly currency: string } }> }> } | null };

export type BoardDealsQueryVariables = Exact<{
  after?: string | null | undefined;
  filter?: DealFilter | null | undefined;
  search?: string | null | undefined;
  asOf?: string | null | undefined;
}>;


export type BoardDealsQuery = { readonly deals: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly label: string, readonly stageId: string | null, readonly status: DealStatus | null, readonly archivedAt: string | null, readonly deletedAt: string | null, readonly amount: { readonly amountMinor: string, readonly currency: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type BoardQueryVariables = Exact<{
  pipelineId?: string | null | undefined;
  filter?: DealFilter | null | undefined;
  search?: string | null | undefined;
  asOf?: string | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type BoardQuery = { readonly dealPipeline: { readonly pipeline: { readonly id: string, readonly label: string }, readonly stages: ReadonlyArray<{ readonly count: number, readonly stage: { readonly stageId: string, readonly name: string, readonly position: number, readonly kind: PipelineStageKind, readonly probability: number, readonly requiredFields: ReadonlyArray<PipelineStageRequiredField>, readonly rottingDays: number | null, readonly removed: boolean }, readonly totals: ReadonlyArray<{ readonly count: number, readonly amount: { readonly amountMinor: string, readonly currency: string }, readonly weightedAmount: { readonly amountMinor: string, readonly currency: string } }>, readonly deals: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly label: string, readonly revision: number, readonly status: DealStatus | null, readonly pipelineId: string | null, readonly stageId: string | null, readonly stageChangedAt: string | null, readonly expectedCloseDate: string | null, readonly ownerId: string | null, readonly companyId: string | null, readonly contactId: string | null, readonly leadSource: string | null, readonly dealSource: string | null, readonly nextStep: string | null, readonly description: string | null, readonly lostReason: string | null, readonly actualCloseDate: string | null, readonly archivedAt: string | null, readonly deletedAt: string | null, readonly amount: { readonly amountMinor: string, readonly currency: string } | null, readonly owner: { readonly id: string, readonly label: string } | null, readonly company: { readonly id: string, readonly label: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } }> } | null };

export type BoardMoreQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: DealFilter | null | undefined;
  search?: string | null | undefined;
  asOf?: string | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type BoardMoreQuery = { readonly deals: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly label: string, readonly revision: number, readonly status: DealStatus | null, readonly pipelineId: string | null, readonly stageId: string | null, readonly stageChangedAt: string | null, readonly expectedCloseDate: string | null, readonly ownerId: string | null, readonly companyId: string | null, readonly contactId: string | null, readonly leadSource: string | null, readonly dealSource: string | null, readonly nextStep: string | null, readonly description: string | null, readonly lostReason: string | null, readonly actualCloseDate: string | null, readonly archivedAt: string | null, readonly deletedAt: string | null, readonly amount: { readonly amountMinor: string, readonly currency: string } | null, readonly owner: { readonly id: string, readonly label: string } | null, readonly company: { readonly id: string, readonly label: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type CardFragment = { readonly id: string, readonly label: string, readonly revision: number, readonly status: DealStatus | null, readonly pipelineId: string | null, readonly stageId: string | null, readonly stageChangedAt: string | null, readonly expectedCloseDate: string | null, readonly ownerId: string | null, readonly companyId: string | null, readonly contactId: string | null, readonly leadSource: string | null, readonly dealSource: string | null, readonly nextStep: string | null, readonly description: string | null, readonly lostReason: string | null, readonly actualCloseDate: string | null, readonly archivedAt: string | null, readonly deletedAt: string | null, readonly amount: { readonly amountMinor: string, readonly currency: string } | null, readonly owner: { readonly id: string, readonly label: string } | null, readonly company: { readonly id: string, readonly label: string } | null };

export type NextTasksQueryVariables = Exact<{
  ids?: ReadonlyArray<string> | string | null | undefined;
  asOf?: string | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type NextTasksQuery = { readonly tasks: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly label: string, readonly dueDate: string | null, readonly relatedToId: string | null }> } };

export type MineQueryVariables = Exact<{
  me: string;
  now: string;
  asOf?: string | null | undefined;
  atLeast?: string | null | undefined;
  seesHistory: boolean;
}>;


export type MineQuery = { readonly deals: { readonly totalCount: number, readonly totalCapped: boolean, readonly nodes: ReadonlyArray<{ readonly id: string, readonly label: string, readonly revision: number, readonly status: DealStatus | null, readonly stageId: string | null, readonly expectedCloseDate: string | null, readonly amount: { readonly amountMinor: string, readonly currency: string } | null, readonly company: { readonly id: string, readonly label: string } | null }> }, readonly tasks: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly label: string, readonly revision: number, readonly status: TaskStatus | null, readonly dueDate: string | null, readonly priority: TaskPriority | null, readonly relatedTo:
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
       | null }> }, readonly overdue: { readonly totalCount: number, readonly totalCapped: boolean }, readonly timeline?: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly recordType: string, readonly recordId: string, readonly recordLabel: string | null, readonly relatedType: string | null, readonly relatedId: string | null, readonly revision: number, readonly eventType: string, readonly action: string, readonly correlationId: string, readonly causationId: string | null, readonly requestId: string | null, readonly ip: string | null, readonly userAgent: string | null, readonly occurredAt: string, readonly recordedAt: string, readonly actor: { readonly type: string, readonly id: string, readonly user: { readonly id: string, readonly label: string } | null }, readonly changes: ReadonlyArray<{ readonly field: string, readonly from: unknown, readonly to: unknown }> }> } };

export type MySumsQueryVariables = Exact<{
  me: string;
  pipelineId: string;
  asOf?: string | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type MySumsQuery = { readonly dealPipeline: { readonly stages: ReadonlyArray<{ readonly stage: { readonly kind: PipelineStageKind }, readonly totals: ReadonlyArray<{ readonly amount: { readonly amountMinor: string, readonly currency: string }, readonly weightedAmount: { readonly amountMinor: string, readonly currency: string } }> }> } | null };

export type BellQueryVariables = Exact<{
  atLeast?: string | null | undefined;
}>;


export type BellQuery = { readonly notifications: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly reason: NotificationReason | null, readonly isRead: boolean | null, readonly createdAt: string, readonly relatedToType: NotificationRelatedToType | null, readonly relatedToId: string | null, readonly relatedTo:
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
       | null }> }, readonly unread: { readonly totalCount: number, readonly totalCapped: boolean } };

export type NoticesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: NotificationFilter | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type NoticesQuery = { readonly notifications: { readonly totalCount: number, readonly totalCapped: boolean, readonly nodes: ReadonlyArray<{ readonly id: string, readonly reason: NotificationReason | null, readonly isRead: boolean | null, readonly createdAt: string, readonly relatedToType: NotificationRelatedToType | null, readonly relatedToId: string | null, readonly relatedTo:
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
        | { readonly id: string, readonly label: string }
       | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type NoticeFragment = { readonly id: string, readonly reason: NotificationReason | null, readonly isRead: boolean | null, readonly createdAt: string, readonly relatedToType: NotificationRelatedToType | null, readonly relatedToId: string | null, readonly relatedTo:
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
    | { readonly id: string, readonly label: string }
   | null };

export type MarkNotificationReadMutationVariables = Exact<{
  id: string;
}>;


export type MarkNotificationReadMutation = { readonly answer:
    | { readonly __typename: 'NotificationAccepted', readonly position: string }
    | { readonly __typename: 'Refused', readonly code: string, readonly message: string }
   };

export type MarkNotificationUnreadMutationVariables = Exact<{
  id: string;
}>;


export type MarkNotificationUnreadMutation = { readonly answer:
    | { readonly __typename: 'NotificationAccepted', readonly position: string }
    | { readonly __typename: 'Refused', readonly code: string, readonly message: string }
   };

type Marked_NotificationAccepted_Fragment = { readonly __typename: 'NotificationAccepted', readonly position: string };

type Marked_Refused_Fragment = { readonly __typename: 'Refused', readonly code: string, readonly message: string };

export type MarkedFragment =
  | Marked_NotificationAccepted_Fragment
  | Marked_Refused_Fragment
;

export type JobFieldsFragment = { readonly id: string, readonly kind: string, readonly title: string, readonly status: JobStatus, readonly result: unknown, readonly attempts: number, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly cancelRequested: boolean, readonly progress: { readonly done: number, readonly total: number | null, readonly unit: string, readonly rate: number | null, readonly secondsLeft: number | null }, readonly error: { readonly code: string, readonly message: string, readonly remedy: string } | null, readonly createdBy: { readonly id: string, readonly name: string | null } | null };

export type JobQueryVariables = Exact<{
  id: string;
}>;


export type JobQuery = { readonly job: { readonly id: string, readonly kind: string, readonly title: string, readonly status: JobStatus, readonly result: unknown, readonly attempts: number, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly cancelRequested: boolean, readonly progress: { readonly done: number, readonly total: number | null, readonly unit: string, readonly rate: number | null, readonly secondsLeft: number | null }, readonly error: { readonly code: string, readonly message: string, readonly remedy: string } | null, readonly createdBy: { readonly id: string, readonly name: string | null } | null } | null };

export type JobsQueryVariables = Exact<{
  status?: JobStatus | null | undefined;
  kind?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobsQuery = { readonly jobs: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly kind: string, readonly title: string, readonly status: JobStatus, readonly result: unknown, readonly attempts: number, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly cancelRequested: boolean, readonly progress: { readonly done: number, readonly total: number | null, readonly unit: string, readonly rate: number | null, readonly secondsLeft: number | null }, readonly error: { readonly code: string, readonly message: string, readonly remedy: string } | null, readonly createdBy: { readonly id: string, readonly name: string | null } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type CancelJobMutationVariables = Exact<{
  id: string;
}>;


export type CancelJobMutation = { readonly answer:
    | { readonly __typename: 'Job', readonly id: string, readonly kind: string, readonly title: string, readonly status: JobStatus, readonly result: unknown, readonly attempts: number, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly cancelRequested: boolean, readonly progress: { readonly done: number, readonly total: number | null, readonly unit: string, readonly rate: number | null, readonly secondsLeft: number | null }, readonly error: { readonly code: string, readonly message: string, readonly remedy: string } | null, readonly createdBy: { readonly id: string, readonly name: string | null } | null }
    | { readonly __typename: 'Refused', readonly code: string, readonly message: string }
   };

export type RetryJobMutationVariables = Exact<{
  id: string;
}>;


export type RetryJobMutation = { readonly answer:
    | { readonly __typename: 'Job', readonly id: string, readonly kind: string, readonly title: string, readonly status: JobStatus, readonly result: unknown, readonly attempts: number, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly cancelRequested: boolean, readonly progress: { readonly done: number, readonly total: number | null, readonly unit: string, readonly rate: number | null, readonly secondsLeft: number | null }, readonly error: { readonly code: string, readonly message: string, readonly remedy: string } | null, readonly createdBy: { readonly id: string, readonly name: string | null } | null }
    | { readonly __typename: 'Refused', readonly code: string, readonly message: string }
   };

export type ProjectionsQueryVariables = Exact<{ [key: string]: never; }>;


export type ProjectionsQuery = { readonly projections: ReadonlyArray<{ readonly name: string, readonly record: string, readonly version: number, readonly status: ProjectionStatus, readonly lagEvents: number, readonly lagCapped: boolean, readonly lagSeconds: number, readonly deadLetterCount: number, readonly rebuild: { readonly state: RebuildState, readonly share: number } | null }> };

export type DeadLetterFieldsFragment = { readonly processor: string, readonly streamId: string, readonly record: string, readonly recordId: string, readonly revision: number, readonly eventType: string, readonly reason: string, readonly events: number, readonly parkedAt: string };

export type DeadLettersQueryVariables = Exact<{ [key: string]: never; }>;


export type DeadLettersQuery = { readonly deadLetters: { readonly streams: number, readonly events: number, readonly records: ReadonlyArray<{ readonly processor: string, readonly streamId: string, readonly record: string, readonly recordId: string, readonly revision: number, readonly eventType: string, readonly reason: string, readonly events: number, readonly parkedAt: string }> } };

export type RetryDeadLetterMutationVariables = Exact<{
  processor: string;
  streamId: string;
}>;


export type RetryDeadLetterMutation = { readonly answer:
    | { readonly __typename: 'FreedDeadLetter', readonly freed: boolean, readonly handled: number }
    | { readonly __typename: 'Refused', readonly code: string, readonly message: string }
   };

export type DiscardDeadLetterMutationVariables = Exact<{
  processor: string;
  streamId: string;
  revision: number;
  note: string;
}>;


export type DiscardDeadLetterMutation = { readonly answer:
    | { readonly __typename: 'FreedDeadLetter', readonly freed: boolean, readonly handled: number, readonly deadLetter: { readonly processor: string, readonly streamId: string, readonly record: string, readonly recordId: string, readonly revision: number, readonly eventType: string, readonly reason: string, readonly events: number, readonly parkedAt: string } | null }
    | { readonly __typename: 'Refused', readonly code: string, readonly message: string }
   };

export type EraseSubjectMutationVariables = Exact<{
  id: string;
  confirm: string;
  reason: ErasureReason;
  reference?: string | null | undefined;
}>;


export type EraseSubjectMutation = { readonly answer:
    | { readonly __typename: 'Job', readonly id: string, readonly kind: string, readonly title: string, readonly status: JobStatus, readonly result: unknown, readonly attempts: number, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly cancelRequested: boolean, readonly progress: { readonly done: number, readonly total: number | null, readonly unit: string, readonly rate: number | null, readonly secondsLeft: number | null }, readonly error: { readonly code: string, readonly message: string, readonly remedy: string } | null, readonly createdBy: { readonly id: string, readonly name: string | null } | null }
    | { readonly __typename: 'Refused', readonly code: string, readonly message: string }
   };

export type PipelinesQueryVariables = Exact<{
  asOf?: string | null | undefined;
  atLeast?: string | null | undefined;
  archived?: Presence;
}>;


export type PipelinesQuery = { readonly pipelines: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly label: string, readonly name: string | null, readonly isDefault: boolean | null, readonly revision: number, readonly archivedAt: string | null, readonly stages: ReadonlyArray<{ readonly stageId: string, readonly name: string, readonly position: number, readonly kind: PipelineStageKind, readonly probability: number, readonly requiredFields: ReadonlyArray<PipelineStageRequiredField>, readonly rottingDays: number | null, readonly removed: boolean }> }> } };

export type IdentityQueryVariables = Exact<{ [key: string]: never; }>;


export type IdentityQuery = { readonly me: { readonly id: string, readonly user: { readonly id: string, readonly label: string, readonly email: string | null, readonly role: UserRole | null, readonly timeZone: string | null, readonly locale: string | null } | null, readonly grants: ReadonlyArray<{ readonly permission: string, readonly scope: Scope }>, readonly fields: ReadonlyArray<{ readonly record: string, readonly hidden: ReadonlyArray<string>, readonly locked: ReadonlyArray<string> }>, readonly withheld: ReadonlyArray<{ readonly permission: string, readonly message: string, readonly remedy: string | null }> }, readonly workspace: { readonly id: string, readonly name: string | null, readonly slug: string | null, readonly timeZone: string | null, readonly locale: string | null, readonly currency: string | null } | null };

export type TimelineQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  filter?: TimelineFilter | null | undefined;
  asOf?: string | null | undefined;
  atLeast?: string | null | undefined;
}>;


export type TimelineQuery = { readonly timeline: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly recordType: string, readonly recordId: string, readonly recordLabel: string | null, readonly relatedType: string | null, readonly relatedId: string | null, readonly revision: number, readonly eventType: string, readonly action: string, readonly correlationId: string, readonly causationId: string | null, readonly requestId: string | null, readonly ip: string | null, readonly userAgent: string | null, readonly occurredAt: string, readonly recordedAt: string, readonly actor: { readonly type: string, readonly id: string, readonly user: { readonly id: string, readonly label: string } | null }, readonly changes: ReadonlyArray<{ readonly field: string, readonly from: unknown, readonly to: unknown }> }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type EntryFragment = { readonly id: string, readonly recordType: string, readonly recordId: string, readonly recordLabel: string | null, readonly relatedType: string | null, readonly relatedId: string | null, readonly revision: number, readonly eventType: string, readonly action: string, readonly correlationId: string, readonly causationId: string | null, readonly requestId: string | null, readonly ip: string | null, readonly userAgent: string | null, readonly occurredAt: string, readonly recordedAt: string, readonly actor: { readonly type: string, readonly id: string, readonly user: { readonly id: string, readonly label: string } | null }, readonly changes: ReadonlyArray<{ readonly field: string, readonly from: unknown, readonly to: unknown }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const CardFragmentDoc = new TypedDocumentString(`
    fragment Card on Deal {
  id
  label
  revision
  status
  pipelineId
  stageId
  stageChangedAt
  expectedCloseDate
  amount {
    amountMinor
    currency
  }
  ownerId
  owner {
    id
    label
  }
  companyId
  company {
    id
    label
  }
  contactId
  leadSource
  dealSource
  nextStep
  description
  lostReason
  actualCloseDate
  archivedAt
  deletedAt
}
    `, {"fragmentName":"Card"}) as unknown as TypedDocumentString<CardFragment, unknown>;
export const NoticeFragmentDoc = new TypedDocumentString(`
    fragment Notice on Notification {
  id
  reason
  isRead
  createdAt
  relatedToType
  relatedToId
  relatedTo {
    id
    label
  }
}
    `, {"fragmentName":"Notice"}) as unknown as TypedDocumentString<NoticeFragment, unknown>;
export const MarkedFragmentDoc = new TypedDocumentString(`
    fragment Marked on NotificationResult {
  __typename
  ... on NotificationAccepted {
    position
  }
  ... on Refused {
    code
    message
  }
}
    `, {"fragmentName":"Marked"}) as unknown as TypedDocumentString<MarkedFragment, unknown>;
export const JobFieldsFragmentDoc = new TypedDocumentString(`
    fragment JobFields on Job {
  id
  kind
  title
  status
  progress {
    done
    total
    unit
    rate
    secondsLeft
  }
  result
  error {
    code
    message
    remedy
  }
  attempts
  createdBy {
    id
    name
  }
  createdAt
  startedAt
  finishedAt
  cancelRequested
}
    `, {"fragmentName":"JobFields"}) as unknown as TypedDocumentString<JobFieldsFragment, unknown>;
export const DeadLetterFieldsFragmentDoc = new TypedDocumentString(`
    fragment DeadLetterFields on DeadLetter {
  processor
  streamId
  record
  recordId
  revision
  eventType
  reason
  events
  parkedAt
}
    `, {"fragmentName":"DeadLetterFields"}) as unknown as TypedDocumentString<DeadLetterFieldsFragment, unknown>;
export const EntryFragmentDoc = new TypedDocumentString(`
    fragment Entry on TimelineEntry {
  id
  recordType
  recordId
  recordLabel
  relatedType
  relatedId
  revision
  eventType
  action
  actor {
    type
    id
    user {
      id
      label
    }
  }
  changes {
    field
    from
    to
  }
  correlationId
  causationId
  requestId
  ip
  userAgent
  occurredAt
  recordedAt
}
    `, {"fragmentName":"Entry"}) as unknown as TypedDocumentString<EntryFragment, unknown>;
export const BoardSumsDocument = new TypedDocumentString(`
    query BoardSums($pipelineId: ID, $filter: DealFilter, $search: String, $asOf: String) {
  dealPipeline(
    pipelineId: $pipelineId
    filter: $filter
    search: $search
    asOf: $asOf
  ) {
    stages {
      stage {
        stageId
        name
        position
        kind
      }
      count
      totals {
        amount {
          amountMinor
          currency
        }
        weightedAmount {
          amountMinor
          currency
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BoardSumsQuery, BoardSumsQueryVariables>;
export const BoardDealsDocument = new TypedDocumentString(`
    query BoardDeals($after: String, $filter: DealFilter, $search: String, $asOf: String) {
  deals(
    first: 100
    after: $after
    filter: $filter
    search: $search
    sort: [{field: updatedAt, direction: desc}]
    asOf: $asOf
    archived: include
    deleted: include
  ) {
    nodes {
      id
      label
      stageId
      status
      archivedAt
      deletedAt
      amount {
        amountMinor
        currency
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<BoardDealsQuery, BoardDealsQueryVariables>;
export const BoardDocument = new TypedDocumentString(`
    query Board($pipelineId: ID, $filter: DealFilter, $search: String, $asOf: String, $atLeast: String) {
  dealPipeline(
    pipelineId: $pipelineId
    filter: $filter
    search: $search
    asOf: $asOf
    atLeast: $atLeast
  ) {
    pipeline {
      id
      label
    }
    stages {
      stage {
        stageId
        name
        position
        kind
        probability
        requiredFields
        rottingDays
        removed
      }
      count
      totals {
        count
        amount {
          amountMinor
          currency
        }
        weightedAmount {
          amountMinor
          currency
        }
      }
      deals(first: 50) {
        nodes {
          ...Card
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
}
    fragment Card on Deal {
  id
  label
  revision
  status
  pipelineId
  stageId
  stageChangedAt
  expectedCloseDate
  amount {
    amountMinor
    currency
  }
  ownerId
  owner {
    id
    label
  }
  companyId
  company {
    id
    label
  }
  contactId
  leadSource
  dealSource
  nextStep
  description
  lostReason
  actualCloseDate
  archivedAt
  deletedAt
}`) as unknown as TypedDocumentString<BoardQuery, BoardQueryVariables>;
export const BoardMoreDocument = new TypedDocumentString(`
    query BoardMore($first: Int!, $after: String, $filter: DealFilter, $search: String, $asOf: String, $atLeast: String) {
  deals(
    first: $first
    after: $after
    filter: $filter
    search: $search
    sort: [{field: stageChangedAt, direction: desc}]
    asOf: $asOf
    atLeast: $atLeast
  ) {
    nodes {
      ...Card
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Card on Deal {
  id
  label
  revision
  status
  pipelineId
  stageId
  stageChangedAt
  expectedCloseDate
  amount {
    amountMinor
    currency
  }
  ownerId
  owner {
    id
    label
  }
  companyId
  company {
    id
    label
  }
  contactId
  leadSource
  dealSource
  nextStep
  description
  lostReason
  actualCloseDate
  archivedAt
  deletedAt
}`) as unknown as TypedDocumentString<BoardMoreQuery, BoardMoreQueryVariables>;
export const NextTasksDocument = new TypedDocumentString(`
    query NextTasks($ids: [ID!], $asOf: String, $atLeast: String) {
  tasks(
    first: 100
    filter: {relatedToType: {eq: deal}, relatedToId: {in: $ids}, status: {in: [pending, in_progress]}}
    sort: [{field: dueDate}]
    asOf: $asOf
    atLeast: $atLeast
  ) {
    nodes {
      id
      label
      dueDate
      relatedToId
    }
  }
}
    `) as unknown as TypedDocumentString<NextTasksQuery, NextTasksQueryVariables>;
export const MineDocument = new TypedDocumentString(`
    query Mine($me: ID!, $now: DateTime!, $asOf: String, $atLeast: String, $seesHistory: Boolean!) {
  deals(
    first: 8
    filter: {ownerId: {eq: $me}, status: {in: [open]}}
    sort: [{field: expectedCloseDate}]
    asOf: $asOf
    atLeast: $atLeast
  ) {
    nodes {
      id
      label
      revision
      status
      stageId
      expectedCloseDate
      amount {
        amountMinor
        currency
      }
      company {
        id
        label
      }
    }
    totalCount
    totalCapped
  }
  tasks(
    first: 8
    filter: {assignedToId: {eq: $me}, status: {in: [pending, in_progress]}}
    sort: [{field: dueDate}]
    asOf: $asOf
    atLeast: $atLeast
  ) {
    nodes {
      id
      label
      revision
      status
      dueDate
      priority
      relatedTo {
        id
        label
      }
    }
    totalCount
  }
  overdue: tasks(
    first: 1
    filter: {assignedToId: {eq: $me}, status: {in: [pending, in_progress]}, dueDate: {lt: $now}}
    asOf: $asOf
    atLeast: $atLeast
  ) {
    totalCount
    totalCapped
  }
  timeline(
    first: 12
    filter: {recordTypes: [company, contact, deal, task, note, product]}
    asOf: $asOf
    atLeast: $atLeast
  ) @include(if: $seesHistory) {
    nodes {
      ...Entry
    }
  }
}
    fragment Entry on TimelineEntry {
  id
  recordType
  recordId
  recordLabel
  relatedType
  relatedId
  revision
  eventType
  action
  actor {
    type
    id
    user {
      id
      label
    }
  }
  changes {
    field
    from
    to
  }
  correlationId
  causationId
  requestId
  ip
  userAgent
  occurredAt
  recordedAt
}`) as unknown as TypedDocumentString<MineQuery, MineQueryVariables>;
export const MySumsDocument = new TypedDocumentString(`
    query MySums($me: ID!, $pipelineId: ID!, $asOf: String, $atLeast: String) {
  dealPipeline(
    pipelineId: $pipelineId
    filter: {ownerId: {eq: $me}, status: {in: [open]}}
    asOf: $asOf
    atLeast: $atLeast
  ) {
    stages {
      stage {
        kind
      }
      totals {
        amount {
          amountMinor
          currency
        }
        weightedAmount {
          amountMinor
          currency
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MySumsQuery, MySumsQueryVariables>;
export const BellDocument = new TypedDocumentString(`
    query Bell($atLeast: String) {
  notifications(
    first: 8
    sort: [{field: createdAt, direction: desc}]
    atLeast: $atLeast
  ) {
    nodes {
      ...Notice
    }
  }
  unread: notifications(
    first: 1
    filter: {isRead: {eq: false}}
    atLeast: $atLeast
  ) {
    totalCount
    totalCapped
  }
}
    fragment Notice on Notification {
  id
  reason
  isRead
  createdAt
  relatedToType
  relatedToId
  relatedTo {
    id
    label
  }
}`) as unknown as TypedDocumentString<BellQuery, BellQueryVariables>;
export const NoticesDocument = new TypedDocumentString(`
    query Notices($first: Int!, $after: String, $filter: NotificationFilter, $atLeast: String) {
  notifications(
    first: $first
    after: $after
    filter: $filter
    sort: [{field: createdAt, direction: desc}]
    atLeast: $atLeast
  ) {
    nodes {
      ...Notice
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
    totalCapped
  }
}
    fragment Notice on Notification {
  id
  reason
  isRead
  createdAt
  relatedToType
  relatedToId
  relatedTo {
    id
    label
  }
}`) as unknown as TypedDocumentString<NoticesQuery, NoticesQueryVariables>;
export const MarkNotificationReadDocument = new TypedDocumentString(`
    mutation MarkNotificationRead($id: ID!) {
  answer: markNotificationRead(id: $id) {
    ...Marked
  }
}
    fragment Marked on NotificationResult {
  __typename
  ... on NotificationAccepted {
    position
  }
  ... on Refused {
    code
    message
  }
}`) as unknown as TypedDocumentString<MarkNotificationReadMutation, MarkNotificationReadMutationVariables>;
export const MarkNotificationUnreadDocument = new TypedDocumentString(`
    mutation MarkNotificationUnread($id: ID!) {
  answer: markNotificationUnread(id: $id) {
    ...Marked
  }
}
    fragment Marked on NotificationResult {
  __typename
  ... on NotificationAccepted {
    position
  }
  ... on Refused {
    code
    message
  }
}`) as unknown as TypedDocumentString<MarkNotificationUnreadMutation, MarkNotificationUnreadMutationVariables>;
export const JobDocument = new TypedDocumentString(`
    query Job($id: ID!) {
  job(id: $id) {
    ...JobFields
  }
}
    fragment JobFields on Job {
  id
  kind
  title
  status
  progress {
    done
    total
    unit
    rate
    secondsLeft
  }
  result
  error {
    code
    message
    remedy
  }
  attempts
  createdBy {
    id
    name
  }
  createdAt
  startedAt
  finishedAt
  cancelRequested
}`) as unknown as TypedDocumentString<JobQuery, JobQueryVariables>;
export const JobsDocument = new TypedDocumentString(`
    query Jobs($status: JobStatus, $kind: String, $first: Int, $after: String) {
  jobs(status: $status, kind: $kind, first: $first, after: $after) {
    nodes {
      ...JobFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment JobFields on Job {
  id
  kind
  title
  status
  progress {
    done
    total
    unit
    rate
    secondsLeft
  }
  result
  error {
    code
    message
    remedy
  }
  attempts
  createdBy {
    id
    name
  }
  createdAt
  startedAt
  finishedAt
  cancelRequested
}`) as unknown as TypedDocumentString<JobsQuery, JobsQueryVariables>;
export const CancelJobDocument = new TypedDocumentString(`
    mutation CancelJob($id: ID!) {
  answer: cancelJob(id: $id) {
    __typename
    ... on Job {
      ...JobFields
    }
    ... on Refused {
      code
      message
    }
  }
}
    fragment JobFields on Job {
  id
  kind
  title
  status
  progress {
    done
    total
    unit
    rate
    secondsLeft
  }
  result
  error {
    code
    message
    remedy
  }
  attempts
  createdBy {
    id
    name
  }
  createdAt
  startedAt
  finishedAt
  cancelRequested
}`) as unknown as TypedDocumentString<CancelJobMutation, CancelJobMutationVariables>;
export const RetryJobDocument = new TypedDocumentString(`
    mutation RetryJob($id: ID!) {
  answer: retryJob(id: $id) {
    __typename
    ... on Job {
      ...JobFields
    }
    ... on Refused {
      code
      message
    }
  }
}
    fragment JobFields on Job {
  id
  kind
  title
  status
  progress {
    done
    total
    unit
    rate
    secondsLeft
  }
  result
  error {
    code
    message
    remedy
  }
  attempts
  createdBy {
    id
    name
  }
  createdAt
  startedAt
  finishedAt
  cancelRequested
}`) as unknown as TypedDocumentString<RetryJobMutation, RetryJobMutationVariables>;
export const ProjectionsDocument = new TypedDocumentString(`
    query Projections {
  projections {
    name
    record
    version
    status
    lagEvents
    lagCapped
    lagSeconds
    deadLetterCount
    rebuild {
      state
      share
    }
  }
}
    `) as unknown as TypedDocumentString<ProjectionsQuery, ProjectionsQueryVariables>;
export const DeadLettersDocument = new TypedDocumentString(`
    query DeadLetters {
  deadLetters {
    streams
    events
    records {
      ...DeadLetterFields
    }
  }
}
    fragment DeadLetterFields on DeadLetter {
  processor
  streamId
  record
  recordId
  revision
  eventType
  reason
  events
  parkedAt
}`) as unknown as TypedDocumentString<DeadLettersQuery, DeadLettersQueryVariables>;
export const RetryDeadLetterDocument = new TypedDocumentString(`
    mutation RetryDeadLetter($processor: String!, $streamId: String!) {
  answer: retryDeadLetter(processor: $processor, streamId: $streamId) {
    __typename
    ... on FreedDeadLetter {
      freed
      handled
    }
    ... on Refused {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RetryDeadLetterMutation, RetryDeadLetterMutationVariables>;
export const DiscardDeadLetterDocument = new TypedDocumentString(`
    mutation DiscardDeadLetter($processor: String!, $streamId: String!, $revision: Int!, $note: String!) {
  answer: discardDeadLetter(
    processor: $processor
    streamId: $streamId
    revision: $revision
    note: $note
  ) {
    __typename
    ... on FreedDeadLetter {
      freed
      handled
      deadLetter {
        ...DeadLetterFields
      }
    }
    ... on Refused {
      code
      message
    }
  }
}
    fragment DeadLetterFields on DeadLetter {
  processor
  streamId
  record
  recordId
  revision
  eventType
  reason
  events
  parkedAt
}`) as unknown as TypedDocumentString<DiscardDeadLetterMutation, DiscardDeadLetterMutationVariables>;
export const EraseSubjectDocument = new TypedDocumentString(`
    mutation EraseSubject($id: ID!, $confirm: ID!, $reason: ErasureReason!, $reference: String) {
  answer: eraseSubject(
    id: $id
    confirm: $confirm
    reason: $reason
    reference: $reference
  ) {
    __typename
    ... on Job {
      ...JobFields
    }
    ... on Refused {
      code
      message
    }
  }
}
    fragment JobFields on Job {
  id
  kind
  title
  status
  progress {
    done
    total
    unit
    rate
    secondsLeft
  }
  result
  error {
    code
    message
    remedy
  }
  attempts
  createdBy {
    id
    name
  }
  createdAt
  startedAt
  finishedAt
  cancelRequested
}`) as unknown as TypedDocumentString<EraseSubjectMutation, EraseSubjectMutationVariables>;
export const PipelinesDocument = new TypedDocumentString(`
    query Pipelines($asOf: String, $atLeast: String, $archived: Presence! = exclude) {
  pipelines(
    first: 50
    sort: [{field: name}]
    asOf: $asOf
    atLeast: $atLeast
    archived: $archived
  ) {
    nodes {
      id
      label
      name
      isDefault
      revision
      archivedAt
      stages {
        stageId
        name
        position
        kind
        probability
        requiredFields
        rottingDays
        removed
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PipelinesQuery, PipelinesQueryVariables>;
export const IdentityDocument = new TypedDocumentString(`
    query Identity {
  me {
    id
    user {
      id
      label
      email
      role
      timeZone
      locale
    }
    grants {
      permission
      scope
    }
    fields {
      record
      hidden
      locked
    }
    withheld {
      permission
      message
      remedy
    }
  }
  workspace {
    id
    name
    slug
    timeZone
    locale
    currency
  }
}
    `) as unknown as TypedDocumentString<IdentityQuery, IdentityQueryVariables>;
export const TimelineDocument = new TypedDocumentString(`
    query Timeline($first: Int!, $after: String, $filter: TimelineFilter, $asOf: String, $atLeast: String) {
  timeline(
    first: $first
    after: $after
    filter: $filter
    asOf: $asOf
    atLeast: $atLeast
  ) {
    nodes {
      ...Entry
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Entry on TimelineEntry {
  id
  recordType
  recordId
  recordLabel
  relatedType
  relatedId
  revision
  eventType
  action
  actor {
    type
    id
    user {
      id
      label
    }
  }
  changes {
    field
    from
    to
  }
  correlationId
  causationId
  requestId
  ip
  userAgent
  occurredAt
  recordedAt
}`) as unknown as TypedDocumentString<TimelineQuery, TimelineQueryVariables>;