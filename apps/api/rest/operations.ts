import { workspaceProjections } from '#platform/operations/workspace-projections';
import type { Endpoint } from './endpoint.js';
import { count, instant, listOf, maybe, objectOf, text, uuid } from './schemas.js';
import type { Services } from './services.js';

export const deadLetter = objectOf({
  processor: text,
  streamId: text,
  record: text,
  recordId: uuid,
  revision: count,
  eventType: text,
  reason: text,
  events: count,
  parkedAt: instant,
});

const projection = objectOf({
  name: text,
  record: text,
  version: count,
  status: { type: 'string', enum: ['current', 'behind', 'parked', 'stopped'] },
  lagEvents: count,
  lagCapped: { type: 'boolean' },
  lagSeconds: { type: 'number', minimum: 0 },
  deadLetterCount: count,
  deadLetters: listOf(deadLetter),
  rebuild: maybe(
    objectOf({
      state: { type: 'string', enum: ['waiting', 'running', 'stopped', 'cancelled'] },
      share: { type: 'number', minimum: 0, maximum: 1 },
    }),
  ),
});

/** What administrators see of how their workspace is served. */
export function operationsEndpoints({ platform }: Services): Endpoint[] {
  const models = [...platform.registry.readModels.values()];
  return [
    {
      operation: 'projections',
      method: 'GET',
      path: '/operations/projections',
      tag: 'operations',
      summary: 'Read how far the read models are',
      description:
        'Each read model with the events of this workspace it has not applied yet and those it ' +
        'had to set aside. `stopped`: no process projects; `parked`: some records are out of ' +
        'date until their events are mended; `behind`: more than five seconds late.',
      access: { permission: 'operations:read' },
      answer: { status: 200, description: 'Every read model.', data: listOf(projection) },
      handle: async ({ caller }) => ({
        data: await workspaceProjections(platform.database, caller.tenantId, models),
      }),
    },
  ];
}
