import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureDemo, hasDemoOrNothing, type DemoSignIn } from '#apps/composition/demo';
import { createWorkspace } from '#apps/composition/workspace';
import { PLATFORM_TENANT } from '#kernel/ids';
import { START, type StoredEvent } from '#platform/event-store/port';
import { verifyTenant } from '#platform/operations/audit';
import { passwordHashOf } from '#platform/auth/credentials';
import { verifyPassword } from '#platform/auth/password';
import { systemContext } from '#platform/platform';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const today = new Date('2026-03-02T10:00:00Z');

/** Everything that is clear in the log and does not depend on when it was written. */
function checksum(events: readonly StoredEvent[]): string {
  const lines = events.map(({ streamId, version, type, eventId, commandId, data, occurredAt }) => {
    const clear = { ...(JSON.parse(data) as object), $sealed: undefined };
    const head = [streamId, version, type, eventId, commandId, occurredAt.toISOString()];
    return JSON.stringify([...head, clear]);
  });
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

async function eventsOf({ platform }: TestPlatform, tenantId: string) {
  const events: StoredEvent[] = [];
  await platform.store.settled();
  for (let after = START; ;) {
    const page = await platform.store.readFeed({ after, limit: 1000, tenantId });
    events.push(...page.events);
    if (page.caughtUp) return events;
    after = page.position;
  }
}

describe('the demo workspace', () => {
  let test: TestPlatform;
  let demo: DemoSignIn;
  let seconds: number;
  const lines: string[] = [];
  const ensure = (on = test) => ensureDemo(on.platform, (line) => lines.push(line), { today });
  const count = async (name: string, filter: object = {}) => {
    const { platform } = test;
    const query = {
      filters: [],
      sort: [],
      limit: 1,
      offset: 0,
      archived: 'exclude' as const,
      deleted: 'exclude' as const,
      exactCount: true,
      ...filter,
    };
    const ctx = systemContext(demo.tenantId, 'spec');
    const model = platform.registry.readModel(name);
    const groups = await platform.reader.aggregate(ctx, model, query, [], []);
    return (groups as readonly { count: number }[]).reduce((sum, one) => sum + one.count, 0);
  };

  beforeAll(async () => {
    test = await startTestPlatform();
    expect(await hasDemoOrNothing(test.platform)).toBe(true);
    const started = Date.now();
    demo = await ensure();
    seconds = (Date.now() - started) / 1000;
    await test.platform.projections.catchUp();
  }, 60_000);
  afterAll(() => test.close());

  it('is made within seconds, with a sign-in that works', async () => {
    expect(demo).toMatchObject({ workspace: 'demo', email: 'owner@demo.example', created: true });
    expect(lines).toHaveLength(2);
    expect(seconds).toBeLessThan(15);
    const { ownerId } = (await createWorkspaceAgain()) as { ownerId: string };
    const hash = await test.platform.database.tenant(demo.tenantId, (db) =>
      passwordHashOf(db, demo.tenantId, ownerId),
    );
    expect(await verifyPassword(demo.password!, hash)).toMatchObject({ ok: true });
    expect([...demo.password!].length).toBeGreaterThanOrEqual(15);
  });

  const createWorkspaceAgain = () =>
    createWorkspace(test.platform, {
      name: 'Demo',
      ownerEmail: demo.email,
      ownerPassword: demo.password!,
    });

  it('shows two years of every kind of record, up to today', async () => {
    const people = { filters: [{ field: 'status', operator: 'eq', values: ['not_invited'] }] };
    expect(await count('users', people)).toBe(5);
    expect(await count('companies')).toBeGreaterThan(30);
    expect(await count('contacts')).toBeGreaterThan(90);
    expect(await count('deals')).toBeGreaterThan(170);
    for (const name of ['tasks', 'notes', 'activities']) {
      expect(await count(name)).toBeGreaterThan(80);
    }
    const events = await eventsOf(test, demo.tenantId);
    const times = events.map(({ occurredAt }) => occurredAt.getTime());
    expect(new Date(Math.min(...times))).toEqual(new Date('2024-03-02T00:00:00Z'));
    expect(Math.max(...times)).toBeLessThan(today.getTime());
    expect(Math.max(...times)).toBeGreaterThan(today.getTime() - 7 * 86_400_000);
    const kinds = new Set(events.map(({ type }) => type));
    for (const type of [
      'DealMovedToStage',
      'DealWon',
      'DealLost',
      'DealReopened',
      'DealOwnerChanged',
      'DealArchived',
      'DealRestored',
      'CompanyArchived',
      'CompanyRestored',
      'CompanyTagsChanged',
      'ProductChanged',
      'TaskCompleted',
      'TaskCancelled',
      'NotePinned',
      'ActivityLogged',
    ]) {
      expect([type, kinds.has(type)]).toEqual([type, true]);
    }
    expect((await verifyTenant(test.platform.database, demo.tenantId)).violations).toEqual([]);
  });

  it('does nothing the second time', async () => {
    const before = await test.platform.store.settled();
    expect(await ensure()).toEqual({ ...demo, created: false });
    expect(await test.platform.store.settled()).toBe(before);
    expect(lines).toHaveLength(2);
  });

  it('is the same wherever it is made, also when it was cut short', async () => {
    const other = await startTestPlatform();
    try {
      const dispatch = other.platform.dispatch.bind(other.platform);
      let left = 700;
      other.platform.dispatch = (...args) => {
        left -= 1;
        if (left < 0) return Promise.reject(new Error('cut short'));
        return dispatch(...args);
      };
      await expect(ensure(other)).rejects.toThrow('cut short');
      other.platform.dispatch = dispatch;
      const again = await ensureDemo(other.platform, () => undefined, {
        today: new Date(today.getTime() + 3 * 86_400_000),
      });
      expect(again).toMatchObject({ tenantId: demo.tenantId, created: true });
      const [one, two] = [
        await eventsOf(test, demo.tenantId),
        await eventsOf(other, demo.tenantId),
      ];
      const types = (events: readonly StoredEvent[]) => events.map(({ type }) => type).sort();
      expect(types(two)).toEqual(types(one));
      const withoutKeys = (events: readonly StoredEvent[]) =>
        events.filter(({ streamId }) => !streamId.startsWith('reservation-'));
      expect(checksum(withoutKeys(two))).toBe(checksum(withoutKeys(one)));
    } finally {
      await other.close();
    }
  }, 60_000);

  it('keeps away from a database that holds something else', async () => {
    const other = await startTestPlatform();
    try {
      await createWorkspace(other.platform, {
        name: 'Hooli',
        ownerEmail: 'owner@hooli.example',
        ownerPassword: 'seven quiet lanterns drift',
      });
      expect(await hasDemoOrNothing(other.platform)).toBe(false);
      expect(await eventsOf(other, PLATFORM_TENANT)).toHaveLength(1);
    } finally {
      await other.close();
    }
    expect(await hasDemoOrNothing(test.platform)).toBe(true);
  });
});
