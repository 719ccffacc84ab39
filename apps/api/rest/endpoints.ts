import { accessEndpoints } from './access.js';
import { apiKeyEndpoints } from './api-keys.js';
import { accessExplainEndpoints } from './access-explain.js';
import { auditSealEndpoints } from './audit-seals.js';
import { authEndpoints } from './auth.js';
import { bulkEndpoints } from './bulk.js';
import { childEndpoints } from './children.js';
import type { Endpoint } from './endpoint.js';
import { invitationEndpoints, type InvitationServices } from './invitations.js';
import { outboxEndpoints } from './outbox.js';
import { passwordEndpoints, type PasswordServices } from './password.js';
import { erasureEndpoints } from './erasure.js';
import { handOverEndpoints } from './hand-over.js';
import { jobEndpoints } from './jobs.js';
import { eventSchemaEndpoints } from './event-schemas.js';
import { importEndpoints } from './import.js';
import { listEndpoints, ownListEndpoints } from './lists.js';
import { deadLetterEndpoints } from './operations-dead-letters.js';
import { mfaEndpoints } from './mfa.js';
import { notificationEndpoints } from './notifications.js';
import { passkeyEndpoints } from './passkeys.js';
import { operationsEndpoints } from './operations.js';
import { pipelineEndpoints } from './pipeline.js';
import { recordEndpoints, workspaceEndpoints } from './records.js';
import { replaceEndpoints } from './replace.js';
import { sessionEndpoints } from './sessions.js';
import { signInPolicyEndpoints } from './sign-in-policy.js';
import { settingEndpoints } from './settings.js';
import { signUpEndpoints, type SignUpServices } from './sign-up.js';
import { ssoEndpoints, type SsoServices } from './sso.js';
import { scimSetupEndpoints } from './scim-setup.js';
import { timelineEndpoints } from './timeline.js';
import { usageEndpoints, type UsageServices } from './usage.js';
import { workspaceDeletionEndpoints, type DeletionServices } from './workspace-deletion.js';
import { workspaceExportEndpoints, type ExportServices } from './workspace-export.js';
import { commandEndpoints } from './writes.js';

/** Every endpoint of the REST API, made from the declared commands and read models. */
export class Endpoints {
  readonly all: readonly Endpoint[];

  constructor(
    readonly services: SsoServices &
      InvitationServices &
      PasswordServices &
      UsageServices &
      SignUpServices &
      DeletionServices &
      ExportServices,
  ) {
    const models = [...services.platform.registry.readModels.values()];
    // The workspace is one record and has its own address instead of a list of one.
    const collections = models.filter(({ record }) => record !== 'tenant');
    this.all = [
      ...authEndpoints(services),
      ...mfaEndpoints(services),
      ...passkeyEndpoints(services),
      ...sessionEndpoints(services),
      ...signInPolicyEndpoints(services),
      ...apiKeyEndpoints(services),
      ...invitationEndpoints(services),
      ...passwordEndpoints(services),
      ...signUpEndpoints(services),
      ...ssoEndpoints(services),
      ...scimSetupEndpoints(services),
      ...workspaceEndpoints(services),
      ...workspaceExportEndpoints(services),
      ...workspaceDeletionEndpoints(services),
      ...settingEndpoints(services),
      ...usageEndpoints(services),
      ...collections.flatMap((model) => [
        ...listEndpoints(services, model),
        ...recordEndpoints(services, model),
      ]),
      ...ownListEndpoints(services),
      ...pipelineEndpoints(services),
      ...childEndpoints(services),
      ...notificationEndpoints(services),
      ...commandEndpoints(services),
      ...replaceEndpoints(services),
      ...bulkEndpoints(services),
      ...importEndpoints(services),
      ...timelineEndpoints(services),
      ...accessEndpoints(services),
      ...accessExplainEndpoints(services),
      ...jobEndpoints(services),
      ...outboxEndpoints(services),
      ...erasureEndpoints(services),
      ...handOverEndpoints(services),
      ...auditSealEndpoints(services),
      ...eventSchemaEndpoints(services),
      ...operationsEndpoints(services),
      ...deadLetterEndpoints(services),
    ];
  }
}
