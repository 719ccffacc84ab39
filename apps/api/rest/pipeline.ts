import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { parseListQuery, type RawParameters } from '#platform/projections/list-query';
import type { Group } from '#platform/projections/reader';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { listParameters } from './parameters.js';
import { count, listOf, maybe, objectOf, text, uuid } from './schemas.js';
import { reach, type Services } from './services.js';

interface Stage {
  readonly stageId: string;
  readonly name: string;
  readonly kind: string;
  readonly probability: number;
  readonly position: number;
  readonly removed?: boolean;
}

const NOT_OF_A_SUM = ['sort', 'fields', 'page', 'limit', 'cursor', 'count', 'format'];

function totalsOf(groups: readonly Group[]): object[] {
  return groups
    .filter(({ values }) => values['currency'] !== null)
    .map(({ values, sums, count: deals }) => ({
      currency: values['currency'],
      count: deals,
      amountMinor: sums['amount'],
      weightedAmountMinor: sums['weightedAmount'],
    }));
}

const countOf = (groups: readonly Group[]) => groups.reduce((sum, group) => sum + group.count, 0);

/** Removed stages are shown only while deals stand in them. */
function stagesOf(pipeline: Row, groups: readonly Group[]): object[] {
  return ((pipeline['stages'] ?? []) as readonly Stage[]).flatMap((stage) => {
    const own = groups.filter(({ values }) => values['stageId'] === stage.stageId);
    if (stage.removed && own.length === 0) return [];
    const { stageId, name, kind, probability, removed = false } = stage;
    return [
      { stageId, name, kind, probability, removed, count: countOf(own), totals: totalsOf(own) },
    ];
  });
}

async function pipelinesOf(
  { platform }: Services,
  model: ReadModel,
  { caller }: Call,
  ids: readonly string[],
  raw: RawParameters,
): Promise<readonly Row[] | Refusal> {
  const past = { asOf: raw['asOf'], knownAt: raw['knownAt'] };
  const query = parseListQuery(
    model,
    { ...past, archived: 'include', limit: '100' },
    caller.timeZone,
  );
  if (isRefusal(query)) return query;
  const page = await platform.reader.list(caller, model, query);
  if (isRefusal(page)) return page;
  return page.rows.filter((row) => !row['archivedAt'] || ids.includes(String(row['id'])));
}

async function summarise(
  services: Services,
  deals: ReadModel,
  pipelines: ReadModel,
  call: Call,
): Promise<Answer | Refusal> {
  const { query: raw, caller } = call;
  const query = parseListQuery(deals, raw, caller.timeZone);
  if (isRefusal(query)) return query;
  const refused = await reach(services, [deals, pipelines], raw);
  if (refused) return refused;
  const groups = await services.platform.reader.aggregate(
    caller,
    deals,
    query,
    ['pipelineId', 'stageId'],
    ['amount', 'weightedAmount'],
  );
  if (isRefusal(groups)) return groups as Refusal;
  const all = groups as readonly Group[];
  const ids = [...new Set(all.map(({ values }) => String(values['pipelineId'])))];
  const found = await pipelinesOf(services, pipelines, call, ids, raw);
  if (isRefusal(found)) return found as Refusal;
  const wanted = raw['pipelineId'];
  const data = (found as readonly Row[])
    .filter(({ id }) => wanted === undefined || String(wanted).split(',').includes(String(id)))
    .map((pipeline) => {
      const own = all.filter(({ values }) => values['pipelineId'] === pipeline['id']);
      return {
        pipelineId: pipeline['id'],
        name: pipeline['name'],
        count: countOf(own),
        stages: stagesOf(pipeline, own),
      };
    });
  return { data };
}

const total = objectOf({
  currency: text,
  count,
  amountMinor: text,
  weightedAmountMinor: text,
});

/** `GET /deals/pipeline`: count and value of the deals in each stage of each pipeline. */
export function pipelineEndpoints(services: Services): Endpoint[] {
  const deals = services.platform.registry.readModels.get('deals');
  const pipelines = services.platform.registry.readModels.get('pipelines');
  if (!deals || !pipelines) return [];
  const parameters = listParameters(deals).filter(({ name }) => !NOT_OF_A_SUM.includes(name));
  return [
    {
      operation: 'deal_pipeline',
      method: 'GET',
      path: '/deals/pipeline',
      tag: 'deals',
      summary: 'Sum up the pipeline',
      description:
        'Deals of each stage: how many, and per currency their amounts and their amounts weighted ' +
        'by probability, in minor units. Takes the filters of the list; add status=open for those ' +
        'still open.',
      access: { permission: 'deals:read' },
      query: parameters,
      anyQuery: true,
      answer: {
        status: 200,
        description: 'Each pipeline with its stages.',
        data: listOf(
          objectOf({
            pipelineId: uuid,
            name: text,
            count,
            stages: listOf(
              objectOf({
                stageId: text,
                name: text,
                kind: text,
                probability: maybe(count),
                removed: { type: 'boolean' },
                count,
                totals: listOf(total),
              }),
            ),
          }),
        ),
      },
      refusals: ['503 NOT_CAUGHT_UP'],
      handle: (call) => summarise(services, deals, pipelines, call),
    },
  ];
}
