import { companyCommands } from '#customers/company/commands';
import { companyEvents } from '#event-schemas/customers/company.events';
import { reservationEvents } from '#event-schemas/platform/reservation.events';
import type { Product } from '#platform/commands/registry';
import { companies } from '#projections/customers/companies';
import type { ReadModel } from '#kernel/read-model';

/** Everything the product consists of: the one place where the contexts meet. */
export const product: Product = {
  commands: [...companyCommands],
  readModels: [companies] as unknown as readonly ReadModel[],
  events: [...companyEvents, ...Object.values(reservationEvents)],
};
