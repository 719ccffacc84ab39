import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { companyLife } from '#event-schemas/customers/company.events';
import type { AppendRequest } from '#platform/event-store/port';
import { parseListQuery, type ListQuery } from '#platform/projections/list-query';
import { amount, median, sideBySide, times, type Bench, type Measured } from './bench.js';
import { dropFormer, rebuild, type Rebuilds } from './rebuilding.js';
import { openWorld, withClient, type World } from './world.js';

const ROUNDS = 3;
const APPENDS = 200;
const CLIENTS = 8;
const READS = 200;
const LISTS = 60;
const PAGE = 500;
const DAY = 86_400_000;
/** Ten thousand events: a company has one, a contact and a deal have two. */
const SMALL = { companies: 540, contacts: 4_300, deals: 430, changes: 1 };
const baselineName = 'the same with 10,000 events';

/** A log of some size, and what is asked of it. */
export interface GrownLog {
  readonly events: number;
  readonly world: () => Promise<World>;
}

/** The work whose cost is compared; answers milliseconds. */
type Cost = (world: World) => Promise<number>;

/** One event for a company that nobody else knows. */
async function request({ platform }: World, tenantId: string): Promise<AppendRequest> {
  const [id, commandId] = [uuidv7(), uuidv7()];
  const streamId = `company-${id}`;
  const fact = companyLife.fact('created', id, {
    ...{ ownerId: tenantId, tags: [], name: `Measured ${id}`, industry: 'software' },
  });
  const meta = { actor: { type: 'system', id: 'bench' }, correlationId: commandId } as const;
  const event = await platform.codec.session(tenantId).encode(streamId, uuidv7(), fact, meta);
  const streams = [{ streamId, expected: 'none' as const, events: [event] }];
  return { tenantId, commandId, requestHash: '00'.repeat(32), result: '{}', streams };
}

/** In a tenant of its own each time, so that nothing is added to the lists. */
const append: Cost = async (world) => {
  const tenantId = uuidv7();
  const requests = await Promise.all(
    Array.from({ length: APPENDS }, () => request(world, tenantId)),
  );
  const start = performance.now();
  const next = requests.values();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (const one of next) await world.platform.store.append(one);
    }),
  );
  return (performance.now() - start) / APPENDS;
};

const readStream: Cost = async (world) => {
  const { platform, ctx } = world;
  const ids = await world.admin(async (db) => {
    const { rows } = await db.query<{ id: string }>(
      `SELECT id FROM rm_contacts WHERE tenant_id = $1 ORDER BY hashtext(id::text || $2)
        LIMIT ${READS}`,
      [ctx.tenantId, uuidv7()],
    );
    return rows.map(({ id }) => id);
  });
  const read = (n: number) =>
    platform.store.readStream(ctx.tenantId, `contact-${ids[n % ids.length]!}`);
  return median(await times(READS, read));
};

const readFeedEnd: Cost = async ({ platform, url }) => {
  const after = await withClient(url, async (db) => {
    const { rows } = await db.query<{ position: string }>(
      `SELECT concat_ws('.', epoch, xid, pos, shard) AS position FROM es_event
        ORDER BY epoch DESC, xid DESC, pos DESC OFFSET ${PAGE} LIMIT 1`,
    );
    return rows[0]!.position;
  });
  return median(await times(20, () => platform.store.readFeed({ after, limit: PAGE })));
};

const listPast: Cost = async ({ platform, ctx }) => {
  const model = platform.registry.readModel('contacts');
  const asOf = new Date(Date.now() - 365 * DAY).toISOString();
  const query = parseListQuery(model, { asOf }, 'UTC');
  if (isRefusal(query)) throw new Error(query.message);
  return median(await times(LISTS, () => platform.reader.list(ctx, model, query as ListQuery)));
};

const COSTS: readonly (readonly [string, string, Cost])[] = [
  [`append, ${CLIENTS} clients`, 'ms/append', append],
  ['read one stream', 'ms p50', readStream],
  [`feed page of ${PAGE} at the end`, 'ms p50', readFeedEnd],
  ['list as of a year ago', 'ms p50', listPast],
];

/** What the same work costs in logs of other sizes, beside one of ten thousand events. */
export class GrowthBenches {
  private small: Promise<World> | undefined;

  constructor(
    private readonly logs: readonly GrownLog[],
    private readonly rebuilds: Rebuilds,
    private readonly say: (line: string) => void,
  ) {}

  benches(): readonly Bench[] {
    return this.logs.flatMap((log) => [
      ...COSTS.map(([name, unit, cost]) => ({
        ...{ name: `${name}, ${amount(log.events)} events`, unit },
        run: () => this.inTurns(log, cost),
      })),
      {
        ...{ name: `rebuild of contacts, ${amount(log.events)} events`, unit: 'events/s' },
        run: () => this.rebuildBoth(log),
      },
    ]);
  }

  async close(): Promise<void> {
    await (await this.small)?.close();
  }

  private smallWorld(): Promise<World> {
    return (this.small ??= openWorld(SMALL, this.say));
  }

  /** Both logs in turns, so that what disturbs one disturbs the other; medians of the rounds. */
  private async inTurns({ world }: GrownLog, cost: Cost): Promise<Measured> {
    const [small, large] = [await this.smallWorld(), await world()];
    return sideBySide(
      baselineName,
      () => cost(small),
      () => cost(large),
      ROUNDS,
    );
  }

  private async rebuildBoth({ world }: GrownLog): Promise<Measured> {
    const small = await this.smallWorld();
    const { events, filling } = await this.rebuilds.of(await world(), 'contacts');
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const one = await rebuild(small, 'contacts');
      rates.push(one.events / one.filling);
    }
    await dropFormer(small, 'contacts');
    return { figure: events / filling, baseline: median(rates), baselineName };
  }
}
