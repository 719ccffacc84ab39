import { isRefusal } from '#kernel/refusal';
import {
  parseListQuery,
  type ListQuery,
  type RawParameters,
} from '#platform/projections/list-query';
import type { Page, ReadModelReader } from '#platform/projections/reader';
import { median, percentile, times, type Bench, type Measured } from './bench.js';
import { askedLists, askedPast, type Asked, type Samples } from './asked.js';
import { planOf, type Plan } from './plans.js';
import type { World } from './world.js';

const CALLS = 200;

/** Values that exist, to ask for. */
async function samplesOf(world: World): Promise<Samples> {
  return world.admin(async (db) => {
    const column = async (text: string) => {
      const { rows } = await db.query<{ v: string }>(text, [world.ctx.tenantId]);
      return rows.map(({ v }) => v);
    };
    const some = 'WHERE tenant_id = $1 ORDER BY hashtext(id::text) LIMIT 100';
    return {
      companyIds: await column(`SELECT id AS v FROM rm_companies ${some}`),
      ownerIds: await column(
        'SELECT DISTINCT owner_id AS v FROM rm_companies WHERE tenant_id = $1 LIMIT 20',
      ),
      emails: await column(`SELECT email AS v FROM rm_contacts ${some}`),
      phones: await column(`SELECT phone AS v FROM rm_contacts ${some}`),
      names: await column(`SELECT full_name AS v FROM rm_contacts ${some}`),
      contactIds: await column(`SELECT id AS v FROM rm_contacts ${some}`),
    };
  });
}

/** Lists, boards and searches of one world. */
export class ListBenches {
  readonly plans: Plan[] = [];
  private samples: Samples | undefined;
  private baseline: readonly number[] | undefined;
  /** Medians of the live lists, to hold the past ones against. */
  private readonly live = new Map<string, number>();

  constructor(private readonly world: () => Promise<World>) {}

  /** Live first: the past ones are compared with them. */
  benches(): readonly Bench[] {
    return [
      ...askedLists.map((asked) => this.liveBench(asked)),
      ...askedPast.map((asked) => this.pastBench(asked)),
    ];
  }

  private liveBench(asked: Asked): Bench {
    return {
      name: asked.name,
      unit: 'ms p95',
      most: 50,
      run: async () => {
        const taken = await this.measure(asked);
        const p95 = percentile(taken, 0.95);
        this.live.set(asked.name, p95);
        return { ...(await this.beside(p95)), note: `p50 ${median(taken).toFixed(2)} ms` };
      },
    };
  }

  private pastBench(asked: Asked): Bench {
    return {
      name: asked.name,
      unit: 'ms p95',
      most: 50,
      mostRatio: 2,
      run: async () => {
        const taken = await this.measure(asked);
        const figure = percentile(taken, 0.95);
        const note = `p50 ${median(taken).toFixed(2)} ms`;
        const baselineName = `the live list`;
        const baseline = this.live.get(asked.live!) ?? (await this.liveOf(asked));
        return { figure, baseline, baselineName, note };
      },
    };
  }

  private async liveOf(asked: Asked): Promise<number> {
    const live = askedLists.find(({ name }) => name === asked.live)!;
    const p95 = percentile(await this.measure(live), 0.95);
    this.live.set(live.name, p95);
    return p95;
  }

  private async beside(figure: number): Promise<Measured> {
    this.baseline ??= await this.bare();
    const baseline = percentile(this.baseline, 0.95);
    return { figure, baseline, baselineName: 'bare SELECT … LIMIT 20 by primary key' };
  }

  /** The same driver, the same table, no rights, no count: twenty rows of an index. */
  private async bare(): Promise<readonly number[]> {
    const world = await this.world();
    const { contactIds } = (this.samples ??= await samplesOf(world));
    return world.admin((db) =>
      times(CALLS, (n) =>
        db.query({
          name: 'bare_list',
          text: 'SELECT * FROM rm_contacts WHERE tenant_id = $1 AND id >= $2 ORDER BY id LIMIT 20',
          values: [world.ctx.tenantId, contactIds[n % contactIds.length]],
        }),
      ),
    );
  }

  private async measure(asked: Asked): Promise<readonly number[]> {
    const world = await this.world();
    this.samples ??= await samplesOf(world);
    const { platform, ctx } = world;
    const model = platform.registry.readModel(asked.model);
    const parse = (raw: RawParameters): ListQuery => {
      const parsed = parseListQuery(model, raw, 'UTC');
      if (isRefusal(parsed)) throw new Error(JSON.stringify(parsed));
      return parsed as ListQuery;
    };
    const page = async (raw: RawParameters): Promise<Page> => {
      const found = await platform.reader.list(ctx, model, parse(raw));
      if (isRefusal(found)) throw new Error(JSON.stringify(found));
      return found as Page;
    };
    if (asked.group) {
      const { by, sums } = asked.group;
      const board = (reader: ReadModelReader, n: number) =>
        reader.aggregate(ctx, model, parse(asked.query(n, this.samples!)), by, sums);
      const taken = await times(asked.calls ?? CALLS, (n) => board(platform.reader, n));
      this.plans.push(await planOf(world, asked.name, (reader) => board(reader, 0)));
      return taken;
    }
    const queries: RawParameters[] = [];
    for (let n = 0; n < 50; n++) {
      const query = asked.query(n, this.samples);
      queries.push(asked.deep ? { ...query, ...(await asked.deep(query, page, n)) } : query);
    }
    const taken = await times(asked.calls ?? CALLS, (n) => page(queries[n % queries.length]!));
    const ask = (reader: ReadModelReader) => reader.list(ctx, model, parse(queries[0]!));
    this.plans.push(await planOf(world, asked.name, ask));
    return taken;
  }
}
