import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isRefusal } from '#kernel/refusal';
import { firstBrokenLink } from '#platform/event-store/hash';
import type { MemoryEventStore } from '#platform/event-store/memory-store';
import type { StoredEvent } from '#platform/event-store/port';
import type { TestDatabase } from '#test/support/database';
import { random } from '#test/support/random';
import { callerOf, memoryStand, type Stand, type StandOptions } from './stand.js';

const SEED = 20_260_116;
const ACTOR = { type: 'user', id: '01890a5d-ac96-774b-bcce-b302099a8058' } as const;

const uuid = (kind: number, n: number) =>
  `01890a5d-ac96-774b-8${String(kind).padStart(3, '0')}-${String(n).padStart(12, '0')}`;

const TENANTS = Array.from({ length: 10 }, (_, n) => uuid(0, n));

/** One command as a caller sends it. */
interface Sent {
  readonly name: string;
  readonly input: object;
  readonly tenantId: string;
  readonly commandId: string;
  readonly id: string;
  readonly expectedRevision?: number;
  readonly occurredAt: Date;
}

/** Commands at random: new ones, repeated ones, reused ids, few records and values. */
function commands(seed: number, count: number): Sent[] {
  const next = random(seed);
  const pick = <T>(values: readonly T[]) => values[Math.floor(next() * values.length)]!;
  const members = Array.from({ length: 120 }, (_, n) => uuid(1, n));
  const people = Array.from({ length: 8 }, (_, n) => uuid(2, n));
  const emails = Array.from({ length: 6 }, (_, n) => `member-${n}@example.com`);
  const inputs: Record<string, () => object> = {
    JoinMember: () => ({
      personId: pick(people),
      name: pick(['Ada', 'Zoë 東京 🦊', 'O’Neil "Q" \\ Smith', ' spaced ']),
      plan: pick(['basic', 'premium']),
      ...(next() < 0.5 ? { email: pick(emails) } : {}),
    }),
    RenameMember: () => ({ name: pick(['Ada', 'Grace', 'e\u0301', 'é']) }),
    GivePoints: () => ({ by: Math.floor(next() * 60) - 25 }),
    LeaveMember: () => (next() < 0.5 ? { successor: pick(members) } : {}),
  };
  const weights = { JoinMember: 4, RenameMember: 2, GivePoints: 5, LeaveMember: 1 };
  const names = Object.entries(weights).flatMap(([name, n]) => Array<string>(n).fill(name));
  const sent: Sent[] = [];
  for (let n = 0; n < count; n++) {
    const name = pick(names);
    const fresh: Sent = {
      name,
      input: next() < 0.02 ? { unknown: true } : inputs[name]!(),
      tenantId: pick(TENANTS),
      commandId: uuid(3, n),
      id: pick(members),
      ...(next() < 0.1 ? { expectedRevision: Math.floor(next() * 4) } : {}),
      // Mostly later than the one before, sometimes earlier: history is imported out of order.
      occurredAt: new Date(1_700_000_000_000 + n * 1000 - (next() < 0.1 ? 100_000 : 0)),
    };
    const chance = next();
    const old = sent.length > 0 ? pick(sent) : fresh;
    if (chance < 0.06) sent.push(old);
    else if (chance < 0.09)
      sent.push({ ...fresh, commandId: old.commandId, tenantId: old.tenantId });
    else sent.push(fresh);
  }
  return sent;
}

/** What two stores may differ in: places in the feed, the time of recording, random sealing. */
async function comparable(stand: Stand, events: readonly StoredEvent[]) {
  const decoded = await stand.codec.decode(events);
  return events.map((event, index) => {
    const { position: _p, recordedAt: _r, prevHash: _ph, hash: _h, data, meta, ...rest } = event;
    const text = (json: string) => json.replaceAll(/"box":"[^"]*"/g, '"box":"…"');
    return { ...rest, data: text(data), meta: text(meta), decoded: decoded[index]!.data };
  });
}

/** A stand on the store that is compared, and the database beside it. */
export interface ComparedStand extends Stand {
  readonly test: TestDatabase;
  readonly close: () => Promise<void>;
}

/** The same random commands on the store in memory and on another give the same. */
export function differentialContract(
  name: string,
  count: number,
  open: (options: StandOptions) => Promise<ComparedStand>,
): void {
  describe(`the same ${count} commands in memory and on ${name} (seed ${SEED})`, () => {
    comparison(count, open);
  });
}

function comparison(count: number, open: (options: StandOptions) => Promise<ComparedStand>) {
  let compared: ComparedStand;
  let memory: Stand;
  beforeAll(async () => {
    const clock = () => new Date(1_700_000_000_000);
    compared = await open({ clock });
    memory = memoryStand({ clock });
  });
  afterAll(() => compared.close());

  async function answer(stand: Stand, sent: Sent) {
    const { name, input, tenantId, ...options } = sent;
    const caller = callerOf(tenantId, { actor: ACTOR, ip: '203.0.113.7' });
    const result = await stand.dispatcher.dispatch(stand.command(name), input, caller, options);
    return isRefusal(result) ? result : { ...result, position: typeof result.position };
  }

  it('give the same answers, the same streams and the same refusals', async () => {
    const codes = new Map<string, number>();
    const numbered = commands(SEED, count).map((sent, index) => ({ index, sent }));
    const run = async (tenantId: string) => {
      for (const { index, sent } of numbered) {
        if (sent.tenantId !== tenantId) continue;
        const [expected, found] = [await answer(memory, sent), await answer(compared, sent)];
        expect({ index, sent, answer: found }).toEqual({ index, sent, answer: expected });
        const code = isRefusal(expected) ? expected.code : 'accepted';
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    };
    // Tenants share nothing an answer depends on, so each goes at its own pace, in its own order.
    await Promise.all(TENANTS.map(run));
    expect([...codes.values()].reduce((sum, n) => sum + n)).toBe(count);
    // The commands are worth comparing: much is accepted, and every refusal comes up.
    expect(codes.get('accepted')).toBeGreaterThan(count / 5);
    const refusals = [
      'ALREADY_TAKEN',
      'IDEMPOTENCY_KEY_REUSED',
      'MEMBER_EXISTS',
      'MEMBER_UNKNOWN',
      'REVISION_MISMATCH',
      'TOO_FEW_POINTS',
      'VALIDATION_ERROR',
    ];
    expect([...codes.keys()].sort()).toEqual([...refusals, 'accepted'].sort());

    // A store that is copied into the database is seen there a moment later.
    await compared.store.settled();
    for (const tenant of TENANTS) {
      const streams = (memory.store as MemoryEventStore).streamIds(tenant).sort();
      const { rows } = await compared.test.admin((client) =>
        client.query<{ id: string }>(
          'SELECT stream_id AS id FROM es_stream WHERE tenant_id = $1 ORDER BY stream_id',
          [tenant],
        ),
      );
      // Reservation streams are named by a key each tenant has of its own.
      const named = (ids: readonly string[]) => ids.filter((id) => id.startsWith('member-'));
      expect(named(rows.map(({ id }) => id))).toEqual(named(streams));
      expect(rows).toHaveLength(streams.length);
      for (const stream of named(streams)) {
        const [expected, found] = [
          await memory.store.readStream(tenant, stream),
          await compared.store.readStream(tenant, stream),
        ];
        expect(await comparable(compared, found)).toEqual(await comparable(memory, expected));
        expect([firstBrokenLink(expected), firstBrokenLink(found)]).toEqual([undefined, undefined]);
      }
    }
  }, 120_000);
}
