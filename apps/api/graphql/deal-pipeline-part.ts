import type { Registry } from '#platform/commands/registry';
import type { Filter } from '#platform/projections/list-checks';
import type { Group } from '#platform/projections/reader';
import { reachPosition, TIMES, type GraphqlContext, type Shown } from './context.js';
import { orThrow } from './errors.js';
import { instants, listQuery, type ListArguments } from './list-arguments.js';
import { connection, record, shown } from './record-resolvers.js';
import type { SchemaPart } from './resolvers.js';

const sdl = `
"A pipeline as a board: its stages with their deals and totals."
type DealPipeline {
  pipeline: Pipeline!
  stages: [DealPipelineStage!]!
}
type DealPipelineStage {
  stage: PipelineStage!
  count: Int!
  "One per currency; deals without an amount are only counted."
  totals: [DealTotal!]!
  "Deals in the stage, those that moved last first."
  deals(first: Int = 20, after: String, sort: [DealSort!]): DealConnection!
}
type DealTotal {
  count: Int!
  amount: Money!
  weightedAmount: Money!
}
extend type Deal {
  stage: PipelineStage
}
extend type Query {
  "A board; the default pipeline unless told otherwise. Null while there is no pipeline."
  dealPipeline(
    pipelineId: ID
    filter: DealFilter
    search: String
    asOf: String
    knownAt: String
    atLeast: String
  ): DealPipeline
}
`;

interface BoardArguments extends Pick<
  ListArguments,
  'filter' | 'search' | 'asOf' | 'knownAt' | 'atLeast'
> {
  readonly pipelineId?: string | null;
}
interface Stage {
  readonly stageId: string;
  readonly removed: boolean;
}
interface BoardStage {
  readonly stage: Stage;
  readonly asked: BoardArguments;
  readonly pipelineId: string;
}

const LATEST = [{ field: 'stageChangedAt', direction: 'desc' as const }];

const equal = (field: string, value: string): Filter => ({
  field,
  operator: 'eq',
  values: [value],
});

function stagesOf(pipeline: Shown): readonly Stage[] {
  return (pipeline['stages'] ?? []) as readonly Stage[];
}

/** Boards, where both deals and pipelines are part of the product. */
export function dealPipelinePart(registry: Registry): SchemaPart | undefined {
  const deals = registry.readModels.get('deals');
  const pipelines = registry.readModels.get('pipelines');
  if (!deals || !pipelines) return undefined;

  /** The pipeline asked for, else the default one, else the first by name. */
  async function pipelineOf(args: BoardArguments, context: GraphqlContext): Promise<Shown | null> {
    const { platform, caller } = context;
    const { asOf, knownAt, pipelineId: id } = args;
    const times = { asOf, knownAt };
    if (typeof id === 'string') return record(pipelines!, { id, ...times }, context);
    const usual: ListArguments['filter'] = { isDefault: { eq: true } };
    for (const filter of [usual, {}]) {
      const query = listQuery(pipelines!, { first: 1, filter, ...times }, caller.timeZone);
      const page = orThrow(await platform.reader.list(caller, pipelines!, query));
      if (page.rows[0]) return shown(pipelines!, page.rows[0], instants(times, caller.timeZone));
    }
    return null;
  }

  const dealPipeline = async (_: unknown, args: BoardArguments, context: GraphqlContext) => {
    const { platform, caller } = context;
    await reachPosition(context, [deals, pipelines], args.atLeast);
    const pipeline = await pipelineOf(args, context);
    if (!pipeline) return null;
    const { atLeast: _done, pipelineId: _id, ...asked } = args;
    const pipelineId = String(pipeline['id']);
    const query = listQuery(deals, asked, caller.timeZone);
    const groups = orThrow(
      await platform.reader.aggregate(
        caller,
        deals,
        { ...query, filters: [...query.filters, equal('pipelineId', pipelineId)] },
        ['stageId'],
        ['amount', 'weightedAmount'],
      ),
    ) as readonly Group[];
    const stages = stagesOf(pipeline).map((stage) => {
      const own = groups.filter(({ values }) => values['stageId'] === stage.stageId);
      const totals = own.flatMap(({ values: { currency }, count, sums }) => {
        const money = (field: string) => ({ amountMinor: sums[field]!, currency });
        if (!currency) return [];
        return [{ count, amount: money('amount'), weightedAmount: money('weightedAmount') }];
      });
      const count = own.reduce((total, group) => total + group.count, 0);
      return { stage, count, totals, asked, pipelineId };
    });
    // A removed stage is only of interest while deals are in it.
    return { pipeline, stages: stages.filter(({ stage, count }) => !stage.removed || count > 0) };
  };

  return {
    sdl,
    resolvers: {
      Query: { dealPipeline },
      DealPipelineStage: {
        deals: (
          { stage, asked, pipelineId }: BoardStage,
          args: ListArguments,
          context: GraphqlContext,
        ) => {
          const only = [equal('pipelineId', pipelineId), equal('stageId', stage.stageId)];
          return connection(deals, { sort: LATEST, ...asked, ...args }, context, only);
        },
      },
      Deal: {
        stage: async (deal: Shown, _: unknown, context: GraphqlContext) => {
          const pipeline = await context.references.load(
            pipelines,
            deal['pipelineId'],
            deal[TIMES],
          );
          const known = pipeline ? stagesOf(pipeline as Shown) : [];
          return known.find(({ stageId }) => stageId === deal['stageId']) ?? null;
        },
      },
    },
  };
}
