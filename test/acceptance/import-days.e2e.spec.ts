import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runImport } from '#apps/composition/import/importer';
import { readRecipe } from '#apps/composition/import/recipe';
import {
  isoDay,
  readSalesFiles,
  removeSalesFiles,
  writeSalesFiles,
  type SalesFiles,
} from '#test/support/sales-files';
import { startTestServer, type TestServer, type TestUser } from '#test/support/server';

const ZONE = 'America/New_York';
/** Before the first deal, month after month, and after the last one was closed. */
const DAYS = [
  ...['2016-06-30', '2016-10-31', '2016-12-31', '2017-01-31', '2017-03-01', '2017-04-30'],
  ...['2017-06-15', '2017-07-31', '2017-09-01', '2017-10-31', '2017-12-30', '2018-06-30'],
];

type Stage = 'Prospecting' | 'Engaging' | 'Won' | 'Lost';
interface Standing {
  readonly id: string;
  readonly stage: Stage;
  /** In major units. */
  readonly value: number;
}
type Sums = Record<Stage, { count: number; value: number }>;

const STATUS = { Prospecting: 'open', Engaging: 'open', Won: 'won', Lost: 'lost' } as const;

/** What the files say about the deals at the end of a day. */
function standings({ deals, products }: SalesFiles, day: string): readonly Standing[] {
  const prices = new Map(products.map((one) => [one['product']!, Number(one['sales_price'])]));
  prices.set('GTXPro', prices.get('GTX Pro')!);
  const past = (date: string) => date !== '' && isoDay(date) <= day;
  return deals
    .filter((deal) => past(deal['engage_date']!))
    .map((deal) => {
      const stage = past(deal['close_date']!) ? (deal['deal_stage'] as Stage) : 'Engaging';
      const price = prices.get(deal['product']!)!;
      const value = stage === 'Won' ? Number(deal['close_value']) : price;
      return { id: deal['opportunity_id']!, stage, value };
    });
}

function sumsOf(deals: readonly Standing[]): Sums {
  const of = (stage: Stage) => {
    const own = deals.filter((deal) => deal.stage === stage);
    return { count: own.length, value: own.reduce((sum, { value }) => sum + value, 0) };
  };
  return {
    Prospecting: of('Prospecting'),
    Engaging: of('Engaging'),
    Won: of('Won'),
    Lost: of('Lost'),
  };
}

interface Total {
  readonly amountMinor: string;
}
const majorOf = (totals: readonly Total[]) =>
  totals.reduce((sum, { amountMinor }) => sum + Number(amountMinor), 0) / 100;

const BOARD = `query ($id: ID!, $day: String!) {
  dealPipeline(pipelineId: $id, asOf: $day) {
    stages { stage { name } count totals { amount { amountMinor } } } } }`;

function describeDays(title: string, folderOf: () => string): void {
  describe(title, () => {
    let server: TestServer;
    let owner: TestUser;
    let files: SalesFiles;
    let pipelineId: string;
    beforeAll(async () => {
      files = readSalesFiles(folderOf());
      server = await startTestServer();
      const workspace = await server.workspace(ZONE);
      owner = await workspace.person('owner');
      const report = await runImport(server.platform, readRecipe('crm-sales-opportunities'), {
        tenantId: workspace.tenantId,
        timeZone: ZONE,
        folder: folderOf(),
      });
      expect(report.problems).toEqual([]);
      await server.settled(180_000);
      const { body } = await owner.get('/pipelines?search=Sales%20opportunities');
      pipelineId = body.data[0].id;
    }, 300_000);
    afterAll(() => server?.close());

    it.each(DAYS)('the list of %s is what the files say', async (day) => {
      const deals = standings(files, day);
      for (const status of ['open', 'won', 'lost']) {
        const { body } = await owner.get(`/deals?asOf=${day}&status=${status}&limit=1&count=exact`);
        const { length } = deals.filter(({ stage }) => STATUS[stage] === status);
        expect([status, body.pagination.total]).toEqual([status, length]);
      }
      const fields = 'id,description,status,amount';
      const { text } = await owner.get(`/deals?asOf=${day}&fields=${fields}&format=csv`);
      const rows: string[][] = parse(text, { from_line: 2 });
      const listed = rows.map(([, id, status, amount]) => [id, status, Number(amount)]);
      const wanted = deals.map(({ id, stage, value }) => [
        `Opportunity ${id}`,
        STATUS[stage],
        value,
      ]);
      expect(listed.sort()).toEqual(wanted.sort());
    });

    it.each(DAYS)('board and sums of %s are what the files say', async (day) => {
      const sums = sumsOf(standings(files, day));
      const { body } = await server.request('/graphql', {
        method: 'POST',
        token: owner.token,
        body: { query: BOARD, variables: { id: pipelineId, day } },
      });
      const shown = body.data.dealPipeline.stages.map((one: any) => [
        one.stage.name,
        { count: one.count, value: majorOf(one.totals.map(({ amount }: any) => amount)) },
      ]);
      expect(Object.fromEntries(shown)).toEqual(sums);
      const summed = await owner.get(`/deals/pipeline?asOf=${day}`);
      const own = summed.body.data.find((one: any) => one.pipelineId === pipelineId);
      const stages = own.stages.map(({ name, count, totals }: any) => [
        name,
        { count, value: majorOf(totals) },
      ]);
      expect(Object.fromEntries(stages)).toEqual(sums);
    });
  });
}

const shared = join(process.cwd(), '..', 'shared', 'data', 'crm-sales-opportunities');
if (existsSync(shared)) {
  describeDays('twelve days of the data set CRM sales opportunities', () => shared);
} else {
  it.skip('skipped: shared/data', () => undefined);
}
const generated = writeSalesFiles(400);
afterAll(removeSalesFiles);
describeDays('twelve days of generated files of the same shape', () => generated);
