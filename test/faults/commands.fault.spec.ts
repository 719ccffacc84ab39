import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import type { Failpoint } from '#platform/failpoints';
import { systemContext } from '#platform/platform';
import { SNAPSHOT_EVERY } from '#platform/commands/snapshots';
import type { ProcessKind, ProcessOptions, Started } from './processes.js';
import { stirredWorld } from './two-workers.js';
import { openWorld, type FaultWorld } from './world.js';

describe('commands that are cut off beside their append', () => {
  let world: FaultWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.close();
  });

  const start: FaultWorld['start'] = (kind, more) => world.start(kind, more);
  const killedAt = async (
    kind: ProcessKind,
    failpoint: Failpoint,
    more: Partial<ProcessOptions> = {},
  ) => {
    const one = await start(kind, { ...more, failpoint });
    expect([failpoint, (await one.exited).signal]).toEqual([failpoint, 'SIGKILL']);
  };
  const count = async (what: string) => {
    await world.platform.store.settled();
    const { rows } = await world.test.admin((client) =>
      client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${what}`),
    );
    return rows[0]!.n;
  };
  const projected = async () => {
    const worker = await start('worker');
    await world.caughtUp();
    await worker.stop();
    return world.ailments(false);
  };

  it('R1 before a snapshot: the change is stored, and the next one makes the snapshot', async () => {
    const ctx = systemContext(world.tenantId, 'faults');
    const id = uuidv7();
    await world.platform.dispatch('CreateCompany', { name: 'Hooli' }, ctx, { id });
    for (let revision = 2; revision < SNAPSHOT_EVERY; revision++) {
      await world.platform.dispatch('ChangeCompany', { employeeCount: revision }, ctx, { id });
    }
    const change = async (server: Started, token: string, key: string, body: object) => {
      const response = await fetch(`${server.url}/api/v1/companies/${id}`, {
        method: 'PATCH',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'idempotency-key': `"${key}"`,
          prefer: 'respond-async',
        },
        body: JSON.stringify(body),
      });
      return { status: response.status, etag: response.headers.get('etag') };
    };
    const company = `es_event WHERE stream_id = 'company-${id}'`;
    const snapshots = `es_snapshot WHERE stream_id = 'company-${id}'`;
    const key = uuidv7();
    const body = { industry: 'Tea' };
    const crashing = await start('server', { failpoint: 'before_snapshot' });
    const { token } = await world.writer(crashing.url);
    await expect(change(crashing, token, key, body)).rejects.toThrow();
    expect((await crashing.exited).signal).toBe('SIGKILL');
    expect([await count(company), await count(snapshots)]).toEqual([SNAPSHOT_EVERY, 0]);

    const server = await start('server');
    const again = await change(server, token, key, body);
    expect([again.status < 300, again.etag]).toEqual([true, `"${SNAPSHOT_EVERY}"`]);
    expect(await count(company)).toBe(SNAPSHOT_EVERY);
    const next = await change(server, token, uuidv7(), { industry: 'Coffee' });
    expect(next.etag).toBe(`"${SNAPSHOT_EVERY + 1}"`);
    expect(await count(snapshots)).toBe(1);
    await world.caughtUp();
    await server.stop();
    expect(await world.ailments(false)).toEqual([]);
  }, 90_000);

  it('R1 between a reservation and its append: nobody else gets the name, its owner goes on', async () => {
    const create = (owner: string) => ({
      args: [
        ...['tenants', 'create', '--name', 'Hooli', '--slug', 'hooli'],
        ...['--owner-email', `${owner}@hooli.example`, '--owner-password-stdin'],
      ],
      input: 'seven quiet lanterns drift',
    });
    const tenants = await count(`es_stream WHERE category = 'tenant'`);
    const reservations = await count(`es_event WHERE type = 'ReservationTaken'`);
    await killedAt('cli', 'between_reservation_and_append', create('gavin'));
    expect(await count(`es_stream WHERE category = 'tenant'`)).toBe(tenants);
    expect(await count(`es_event WHERE type = 'ReservationTaken'`)).toBe(reservations + 1);

    const other = await start('cli', create('jack'));
    expect((await other.exited).code).toBe(1);
    expect(other.said.join()).toContain('Another workspace has the address hooli');
    const again = await start('cli', create('gavin'));
    expect([(await again.exited).code, again.said.at(-1)]).toEqual([0, again.said.at(-1)]);
    expect(await count(`es_stream WHERE category = 'tenant'`)).toBe(tenants + 1);
    expect(await projected()).toEqual([]);
  }, 90_000);

  it('R1 after a saga was told of a refused command: told once, and it goes on', async () => {
    const follow = await stirredWorld(world);
    const { sagas } = world.platform;
    const catchUp = async () => {
      const runner = sagas.runnerWith({});
      await runner.catchUp().finally(() => runner.close());
    };
    await catchUp();
    const dealId = await follow.wonDeal();
    await catchUp();
    const to = new Date(Date.now() + 30 * 86_400_000).toISOString();
    await follow.dispatch('AdvanceTestClock', { to }, follow.tenantId);
    // Its task is decided and not yet asked for when the deal goes: the task will be refused.
    await killedAt('worker', 'saga_after_step_append');
    await follow.dispatch('DeleteDeal', {}, dealId);
    await killedAt('worker', 'saga_after_refusal_append');
    expect(await projected()).toEqual([]);
    expect((await follow.stream(`followup-${dealId}`)).map(({ type }) => type)).toEqual([
      'FollowupPlanned',
      'FollowupTimerFired',
      'FollowupAssigned',
      'FollowupCommandRefused',
      'FollowupCancelled',
    ]);
    expect(await follow.ids('task')).toEqual([]);
  }, 90_000);
});
