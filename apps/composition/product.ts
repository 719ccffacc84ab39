import { automationProcesses } from '#automation/processes';
import { companyCommands } from '#customers/company/commands';
import { contactCommands } from '#customers/contact/commands';
import { followupEvents } from '#event-schemas/automation/followup.events';
import { companyEvents } from '#event-schemas/customers/company.events';
import { contactEvents } from '#event-schemas/customers/contact.events';
import { invitationEvents } from '#event-schemas/identity/invitation.events';
import { identityProviderEvents } from '#event-schemas/identity/identity-provider.events';
import { roleEvents } from '#event-schemas/identity/role.events';
import { scimConnectionEvents } from '#event-schemas/identity/scim-connection.events';
import { teamEvents } from '#event-schemas/identity/team.events';
import { tenantEvents } from '#event-schemas/identity/tenant.events';
import { userEvents } from '#event-schemas/identity/user.events';
import { deletionEvents } from '#event-schemas/platform/deletion.events';
import { erasureEvents } from '#event-schemas/platform/erasure.events';
import { reservationEvents } from '#event-schemas/platform/reservation.events';
import { settingEvents } from '#event-schemas/platform/settings.events';
import { dealEvents } from '#event-schemas/sales/deal.events';
import { pipelineEvents } from '#event-schemas/sales/pipeline.events';
import { productEvents } from '#event-schemas/sales/product.events';
import { activityEvents } from '#event-schemas/work/activity.events';
import { noteEvents } from '#event-schemas/work/note.events';
import { notificationEvents } from '#event-schemas/work/notification.events';
import { taskEvents } from '#event-schemas/work/task.events';
import { invitationCommands } from '#identity/invitation/commands';
import { identityProviderCommands } from '#identity/identity-provider/commands';
import { roleCommands } from '#identity/role/commands';
import { scimConnectionCommands } from '#identity/scim-connection/commands';
import { teamCommands } from '#identity/team/commands';
import { tenantCommands } from '#identity/tenant/commands';
import { userCommands } from '#identity/user/commands';
import type { Product } from '#platform/commands/registry';
import { settingCommands } from '#platform/settings/change-setting';
import { followups } from '#projections/automation/followups';
import { companies } from '#projections/customers/companies';
import { contacts } from '#projections/customers/contacts';
import { invitations } from '#projections/identity/invitations';
import { identityProviders } from '#projections/identity/identity-providers';
import { roles } from '#projections/identity/roles';
import { settingHolders } from '#projections/identity/setting-holders';
import { scimConnections } from '#projections/identity/scim-connections';
import { teams } from '#projections/identity/teams';
import { tenants } from '#projections/identity/tenants';
import { users } from '#projections/identity/users';
import { deals } from '#projections/sales/deals';
import { pipelines } from '#projections/sales/pipelines';
import { products } from '#projections/sales/products';
import { activities } from '#projections/work/activities';
import { notes } from '#projections/work/notes';
import { notifications } from '#projections/work/notifications';
import { tasks } from '#projections/work/tasks';
import { dealCommands } from '#sales/deal/commands';
import { pipelineCommands } from '#sales/pipeline/commands';
import { productCommands } from '#sales/product/commands';
import { activityCommands } from '#work/activity/commands';
import { noteCommands } from '#work/note/commands';
import { notificationCommands } from '#work/notification/commands';
import { taskCommands } from '#work/task/commands';

/** Everything the product consists of: the one place where the contexts meet. */
export const product: Product = {
  commands: [
    ...settingCommands,
    ...tenantCommands,
    ...userCommands,
    ...invitationCommands,
    ...teamCommands,
    ...identityProviderCommands,
    ...roleCommands,
    ...scimConnectionCommands,
    ...companyCommands,
    ...contactCommands,
    ...productCommands,
    ...pipelineCommands,
    ...dealCommands,
    ...taskCommands,
    ...noteCommands,
    ...activityCommands,
    ...notificationCommands,
  ],
  readModels: [
    tenants,
    users,
    invitations,
    teams,
    identityProviders,
    roles,
    settingHolders,
    scimConnections,
    companies,
    contacts,
    products,
    pipelines,
    deals,
    tasks,
    notes,
    activities,
    followups,
    notifications,
  ],
  events: [
    ...Object.values(reservationEvents),
    ...Object.values(erasureEvents),
    ...Object.values(deletionEvents),
    ...settingEvents,
    ...tenantEvents,
    ...userEvents,
    ...invitationEvents,
    ...teamEvents,
    ...identityProviderEvents,
    ...roleEvents,
    ...scimConnectionEvents,
    ...companyEvents,
    ...contactEvents,
    ...productEvents,
    ...pipelineEvents,
    ...dealEvents,
    ...taskEvents,
    ...noteEvents,
    ...activityEvents,
    ...followupEvents,
    ...notificationEvents,
  ],
  processes: automationProcesses,
};
