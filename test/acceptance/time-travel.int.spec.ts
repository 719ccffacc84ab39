import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureDemo } from '#apps/composition/demo';
import type { RequestContext } from '#kernel/context';
import type { RecordedEvent } from '#kernel/event';
import { uuidv7 } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal } from '#kernel/refusal';
import { START } from '#platform/event-store/port';
import { systemContext } from '#platform/platform';
import type { ListQuery } from '#platform/projections/list-query';
import { parseListQuery } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';
import { foldRow } from '#platform/projections/row-fold';
import { random } from '#test/support/random';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const SEED = 20260115;

describe('the past of the demo history', () => {
  let test: TestPlatform;
  let ctx: RequestContext;
  let events: readonly RecordedEvent[];
  const models = () => [...test.platform.registry.readModels.values()].filter((m) => m.temporal);

  beforeAll(async () => {
    test = await startTestPlatform();
    const { tenantId } = (await ensureDemo(test.platform, () => undefined))!;
    await test.platform.projections.catchUp();
    ctx = systemContext(tenantId, 'spec');
    await makeRecentHistory(tenantId);
    events = await history(tenantId);
  }, 240_000);
  afterAll(() => test.close());

  /** What the demo has none of: sagas and effects begin at the present of a log. */
  async function makeRecentHistory(tenantId: string): Promise<void> {
    const { dispatch, sagas, projections } = test.platform;
    await sagas.runner.catchUp();
    const give = async (command: string, input: object, id: string) => {
      const given = await dispatch.call(test.platform, command, input, ctx, { id });
      expect([command, isRefusal(given) ? given : undefined]).toEqual([command, undefined]);
    };
    await give('ChangeFollowUp', { enabled: true }, tenantId);
    const deals = test.platform.registry.readModel('deals');
    const open = (await listed(deals, {})).filter(({ status }) => status === 'open').slice(0, 3);
    for (const { id, ownerId } of open) {
      await give('WinDeal', {}, String(id));
      const about = { relatedToType: 'deal', relatedToId: String(id) };
      const told = { recipientId: String(ownerId), reason: 'assigned', ...about };
      await give('RaiseNotification', told, uuidv7());
    }
    await sagas.runner.catchUp();
    // The demo invites nobody and signs in by password, so that it needs no mail and no provider.
    const [invited, provider] = [uuidv7(), uuidv7()];
    await give('CreateInvitation', { email: 'guest@mail.example', role: 'member' }, invited);
    await give('RevokeInvitation', {}, invited);
    const saml = { name: 'Directory', kind: 'saml', domains: ['mail.example'] };
    await give('CreateIdentityProvider', saml, provider);
    await give('ChangeIdentityProvider', { name: 'Sign-in' }, provider);
    const [role, directory] = [uuidv7(), uuidv7()];
    const grants = [{ permission: 'companies:update', scope: 'all' }];
    await give('CreateRole', { name: 'Data care', grants }, role);
    await give('ChangeRole', { name: 'Data quality' }, role);
    await give('CreateScimConnection', { name: 'Directory' }, directory);
    await give('ChangeScimConnection', { name: 'People' }, directory);
    const theme = { key: 'appearance.theme', value: 'dark' };
    await give('ChangeTenantSetting', theme, tenantId);
    await give('ChangeTenantSetting', { ...theme, value: 'light' }, tenantId);
    await projections.catchUp();
  }

  async function history(tenantId: string): Promise<readonly RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for (let after = START; ;) {
      const page = await test.platform.store.readFeed({ after, limit: 1000, tenantId });
      all.push(...(await test.platform.codec.decode(page.events)));
      if (page.caughtUp) return all;
      after = page.position;
    }
  }

  /** 20 random instants of a clock of the history, one before its first and one after its last. */
  function instants(of: 'occurredAt' | 'recordedAt'): Date[] {
    const times = events.map((event) => event[of].getTime());
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const next = random(SEED);
    const inside = Array.from({ length: 20 }, () => first + Math.floor(next() * (last - first)));
    return [first - 1, ...inside, last + 1].map((time) => new Date(time));
  }

  async function listed(model: ReadModel, times: Partial<ListQuery>): Promise<Row[]> {
    const raw = { sort: 'id', limit: '100', archived: 'include', deleted: 'include' };
    const base = parseListQuery(model, raw, 'UTC');
    if (isRefusal(base)) throw new Error(JSON.stringify(base));
    const rows: Row[] = [];
    for (let query = { ...(base as ListQuery), ...times }; ;) {
      const page = (await test.platform.reader.list(ctx, model, query)) as Page;
      rows.push(...page.rows);
      if (!page.hasNext) return rows;
      const values = [String(page.rows.at(-1)!['id'])];
      query = { ...query, cursor: { sort: 'id', values } };
    }
  }

  function folded(model: ReadModel, times: { asOf?: Date; knownAt?: Date }): Row[] {
    const streams = new Map<string, RecordedEvent[]>();
    for (const event of events) {
      if (event.category !== model.category) continue;
      streams.set(event.id, [...(streams.get(event.id) ?? []), event]);
    }
    return [...streams.values()]
      .map((stream) => foldRow(model, stream, times))
      .filter((row) => row !== null)
      .sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
  }

  const shown = (rows: readonly Row[]) =>
    rows.map((row) => JSON.stringify(row, Object.keys(row).sort()));

  it('has a history worth asking about', () => {
    for (const model of models())
      expect([model.name, folded(model, {}).length > 0]).toEqual([model.name, true]);
    expect(events.length).toBeGreaterThan(1000);
  });

  it('every list as of an instant equals a fresh fold stopped there', async () => {
    for (const asOf of instants('occurredAt')) {
      for (const model of models()) {
        expect([model.name, asOf, shown(await listed(model, { asOf }))]).toEqual([
          model.name,
          asOf,
          shown(folded(model, { asOf })),
        ]);
      }
    }
  }, 120_000);

  it('every list as known at an instant equals a fresh fold stopped there', async () => {
    const moments = instants('occurredAt');
    for (const [index, knownAt] of instants('recordedAt').entries()) {
      const asOf = moments[(index * 7) % moments.length]!;
      for (const model of models()) {
        for (const times of [{ knownAt }, { knownAt, asOf }]) {
          expect([model.name, times, shown(await listed(model, times))]).toEqual([
            model.name,
            times,
            shown(folded(model, times)),
          ]);
        }
      }
    }
  }, 120_000);

  it('a single record as of an instant equals its row in the list', async () => {
    for (const model of models()) {
      for (const asOf of instants('occurredAt').slice(5, 8)) {
        for (const row of (await listed(model, { asOf })).slice(0, 3)) {
          const one = await test.platform.reader.get(ctx, model, String(row['id']), {
            asOf,
            includeDeleted: true,
          });
          expect(shown([one as Row])).toEqual(shown([row]));
        }
      }
    }
  }, 60_000);

  it('the timeline as of an instant holds exactly the events up to it', async () => {
    const recorded = new Set(models().map((model) => model.category));
    for (const asOf of instants('occurredAt').slice(0, 6)) {
      const statistics = await test.platform.timeline.statistics(ctx, { asOf }, 'UTC');
      const expected = events.filter((e) => recorded.has(e.category) && e.occurredAt <= asOf);
      expect([asOf, (statistics as { total: number }).total]).toEqual([asOf, expected.length]);
    }
  });

  it('live rows equal the fold of all events', async () => {
    for (const model of models()) {
      expect([model.name, shown(await listed(model, {}))]).toEqual([
        model.name,
        shown(folded(model, {})),
      ]);
    }
  });
});
