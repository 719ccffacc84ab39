import type { Accepted } from '#kernel/command';
import { everything, type RequestContext } from '#kernel/context';
import type { RecordedEvent } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import type { SagaRunner } from '#platform/sagas/runner';
import type { TestPlatform } from './platform.js';

/** A sandbox with a deal's owner, the manager of their team, and follow-ups switched on. */
export interface FollowUpWorld {
  readonly tenantId: string;
  readonly ownerId: string;
  readonly managerId: string;
  readonly pipelineId: string;
  readonly ctx: RequestContext;
  dispatch(command: string, input: object, id?: string): Promise<Accepted>;
  /** Makes a deal of the owner and wins it. */
  wonDeal(ownerId?: string | null): Promise<string>;
  /** Lets time pass to an instant and does what is then to be done. */
  advance(to: string, runner?: SagaRunner): Promise<void>;
  /** Decoded events of one stream, oldest first. */
  stream(streamId: string): Promise<readonly RecordedEvent[]>;
  /** Streams of a category that have events, by id. */
  ids(category: string): Promise<readonly string[]>;
}

export interface WorldOptions {
  readonly timeZone?: string;
  readonly sandbox?: boolean;
  readonly followUp?: object;
  readonly calendar?: object;
}

export async function followUpWorld(
  test: TestPlatform,
  { timeZone = 'Europe/Zurich', sandbox = true, followUp = {}, calendar }: WorldOptions = {},
): Promise<FollowUpWorld> {
  const tenantId = uuidv7();
  const [ownerId, managerId, pipelineId] = [uuidv7(), uuidv7(), uuidv7()];
  const ctx: RequestContext = {
    tenantId,
    actor: { type: 'system', id: 'spec' },
    grants: everything,
    requestId: uuidv7(),
    correlationId: uuidv7(),
  };
  const dispatch = async (command: string, input: object, id?: string) => {
    const asked = { ...ctx, correlationId: uuidv7() };
    const result = await test.platform.dispatch(command, input, asked, id ? { id } : {});
    if (isRefusal(result)) throw new Error(`${command}: ${JSON.stringify(result)}`);
    return result as Accepted;
  };
  const slug = `spec-${tenantId.slice(-12)}`;
  await dispatch('CreateTenant', { name: 'Pied Piper', slug, timeZone, sandbox }, tenantId);
  for (const [id, firstName] of [
    [ownerId, 'Owner'],
    [managerId, 'Manager'],
  ] as const) {
    const person = { firstName, lastName: 'Spec', email: `${firstName}@${slug}.example` };
    await dispatch('CreateUser', { ...person, role: 'member', status: 'active' }, id);
  }
  const team = await dispatch('CreateTeam', { name: 'Sales', managerId });
  await dispatch('AddTeamMember', { userId: ownerId }, team.id);
  await dispatch('CreatePipeline', { name: 'Sales', isDefault: true }, pipelineId);
  await dispatch('ChangeFollowUp', { enabled: true, ...followUp }, tenantId);
  if (calendar) await dispatch('ChangeWorkCalendar', calendar, tenantId);
  const { platform } = test;
  // Who leads whom is read from the lists.
  await platform.projections.catchUp();
  return {
    tenantId,
    ownerId,
    managerId,
    pipelineId,
    ctx,
    dispatch,
    wonDeal: async (of = ownerId) => {
      const { id } = await dispatch('CreateDeal', { name: 'Licence', pipelineId, ownerId: of });
      await dispatch('WinDeal', {}, id);
      return id;
    },
    advance: async (to, runner = test.platform.sagas.runner) => {
      await dispatch('AdvanceTestClock', { to }, tenantId);
      await runner.catchUp();
    },
    stream: async (streamId) =>
      platform.codec.decode(await platform.store.readStream(tenantId, streamId)),
    ids: async (category) => {
      const { rows } = await test.test.admin((client) =>
        client.query<{ id: string }>(
          `SELECT substr(stream_id, length(category) + 2) AS id FROM es_stream
            WHERE tenant_id = $1 AND category = $2 ORDER BY 1`,
          [tenantId, category],
        ),
      );
      return rows.map(({ id }) => id);
    },
  };
}
