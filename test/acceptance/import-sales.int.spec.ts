import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemLine } from '#apps/composition/import/problems';
import { startOfDay } from '#platform/projections/zone';
import type { TimelinePage, TimelineStatistics } from '#platform/projections/timeline-entry';
import { LoadedSales, ZONE } from '#test/support/loaded-sales';
import {
  isoDay,
  readSalesFiles,
  removeSalesFiles,
  writeSalesFiles,
  type SalesFiles,
} from '#test/support/sales-files';

const SALES_FILES = ['products.csv', 'accounts.csv', 'sales_teams.csv', 'sales_pipeline.csv'];
const DAYS = ['2016-11-30', '2017-03-15', '2017-06-30', '2017-08-31', '2017-10-31', '2017-12-30'];

/** What the files say about the end of a day; the whole of them without one. */
function expectedTotals({ deals }: SalesFiles, day?: string) {
  const past = (date: string) => date !== '' && (!day || isoDay(date) <= day);
  const begun = deals.filter((deal) => !day || past(deal['engage_date']!));
  const closed = (stage: string) =>
    begun.filter((deal) => deal['deal_stage'] === stage && past(deal['close_date']!));
  const [won, lost] = [closed('Won'), closed('Lost')];
  return {
    open: begun.length - won.length - lost.length,
    won: won.length,
    lost: lost.length,
    wonValue: won.reduce((sum, deal) => sum + Number(deal['close_value']), 0),
  };
}

function describeImport(title: string, folderOf: () => string): void {
  describe(title, () => {
    let loaded: LoadedSales;
    let files: SalesFiles;
    /** A copy in which one cell after the other becomes another. */
    let changedFolder: string;
    beforeAll(async () => {
      files = readSalesFiles(folderOf());
      changedFolder = mkdtempSync(join(tmpdir(), 'clientforge-changed-'));
      // Not copied: the data may be read-only, and a copy would be so too.
      for (const name of SALES_FILES) {
        writeFileSync(join(changedFolder, name), readFileSync(join(folderOf(), name)));
      }
      loaded = await LoadedSales.from(folderOf());
    }, 600_000);
    afterAll(async () => {
      await loaded?.test.close();
      rmSync(changedFolder, { recursive: true, force: true });
    });

    it('creates every record of every file', async () => {
      const { accounts, products, teams, deals } = files;
      expect(loaded.report.problems.map(problemLine)).toEqual([]);
      const managers = new Set(teams.map(({ manager }) => manager)).size;
      const created = loaded.report.loads.map((one) => [one.title, one.created, one.rejected]);
      expect(created).toEqual([
        ['Products', products.length, 0],
        ['Managers', managers, 0],
        ['Agents', teams.length, 0],
        ['Teams', managers, 0],
        ['Team members', 0, 0],
        ['Pipeline', 1, 0],
        ['Companies', accounts.length, 0],
        ['Contacts', 3 * accounts.length, 0],
        ['Deals', deals.length, 0],
      ]);
      const total = async (name: string, raw = {}) =>
        (await loaded.list(name, { limit: '1', ...raw })).total;
      expect(await total('companies')).toBe(accounts.length);
      const parents = accounts.filter((account) => account['subsidiary_of']).length;
      expect(await total('companies', { 'parentId[null]': 'false' })).toBe(parents);
      expect(await total('users', { status: 'not_invited' })).toBe(teams.length + managers);
      expect(await total('users')).toBe(teams.length + managers + 1);
      expect(await total('teams')).toBe(managers);
      expect(await total('contacts')).toBe(3 * accounts.length);
      expect(await total('deals', { 'companyId[null]': 'true', tags: 'no company' })).toBe(
        deals.filter(({ account }) => account === '').length,
      );
      const alias = deals.filter(({ product }) => product === 'GTXPro').length;
      expect(await total('deals', { search: 'GTX Pro' })).toBe(alias);
    });

    it('reads names, money and sectors as they are meant', async () => {
      const [account] = files.accounts.filter(({ sector }) => sector === 'technolgy');
      const { rows } = await loaded.list('companies', { name: account!['account']! });
      expect(rows).toMatchObject([
        {
          industry: 'technology',
          foundedYear: Number(account!['year_established']),
          employeeCount: Number(account!['employees']),
          addressCountry: account!['office_location'],
          createdAt: startOfDay('2016-01-01', ZONE).toISOString(),
        },
      ]);
      const revenue = rows[0]!['annualRevenue'] as { amountMinor: string };
      expect(Number(revenue.amountMinor)).toBeCloseTo(Number(account!['revenue']) * 1e8, -2);
      const [product] = files.products;
      expect((await loaded.list('products', { name: product!['product']! })).rows).toMatchObject([
        { unitPrice: { amountMinor: `${product!['sales_price']}00`, currency: 'USD' } },
      ]);
      const team = files.teams[0]!;
      const teamRow = (await loaded.list('teams', { search: team['manager']! })).rows[0]!;
      expect(teamRow).toMatchObject({ region: team['regional_office'] });
      const { memberCount, memberIds } = teamRow as { memberCount?: number; memberIds?: string[] };
      expect(memberCount ?? memberIds?.length).toBe(
        files.teams.filter(({ manager }) => manager === team['manager']).length,
      );
    });

    it('adds up to what the files say', async () => {
      expect(await loaded.totals()).toEqual(expectedTotals(files));
    });

    it.each(DAYS)('shows %s as the files tell it', async (day) => {
      expect(await loaded.totals({ asOf: day })).toEqual(expectedTotals(files, day));
    });

    it('knows the price of a deal only from the day it was won', async () => {
      const prices = new Map(files.products.map((one) => [one['product'], one['sales_price']]));
      const won = files.deals.find(
        (deal) =>
          deal['deal_stage'] === 'Won' &&
          isoDay(deal['close_date']!) > isoDay(deal['engage_date']!) &&
          prices.has(deal['product']) &&
          prices.get(deal['product']) !== deal['close_value'],
      )!;
      const search = `Opportunity ${won['opportunity_id']}`;
      const now = (await loaded.list('deals', { search })).rows[0]!;
      expect(now).toMatchObject({
        status: 'won',
        amount: { amountMinor: `${won['close_value']}00` },
        actualCloseDate: isoDay(won['close_date']!),
        closedAt: startOfDay(isoDay(won['close_date']!), ZONE).toISOString(),
      });
      const asOf = isoDay(won['engage_date']!);
      const then = (await loaded.list('deals', { search, asOf })).rows[0]!;
      const amount = { amountMinor: `${prices.get(won['product'])}00` };
      expect(then).toMatchObject({ status: 'open', amount, actualCloseDate: null });
      const page = (await loaded.test.platform.timeline.list(loaded.ctx, {
        recordType: 'deal',
        recordId: now['id'] as string,
        limit: 10,
        ascending: true,
      })) as TimelinePage;
      const actions = page.entries.map(({ action }) => action);
      expect(actions).toEqual(['created', 'line_item_added', 'line_item_changed', 'moved', 'won']);
      expect(page.entries[0]).toMatchObject({
        occurredAt: startOfDay(asOf, ZONE).toISOString(),
        correlationId: loaded.report.importId,
      });
    });

    it('keeps a timeline of each deal', async () => {
      const { platform, test } = loaded.test;
      const statistics = (await platform.timeline.statistics(
        loaded.ctx,
        { recordTypes: ['deal'] },
        ZONE,
      )) as TimelineStatistics;
      const count = (action: string) =>
        statistics.byAction.find((one) => one.action === action)?.count ?? 0;
      const { won, lost } = expectedTotals(files);
      expect(count('created')).toBe(files.deals.length);
      expect(count('line_item_added')).toBe(files.deals.length);
      expect([count('won'), count('lost')]).toEqual([won, lost]);
      const { rows } = await test.admin((client) =>
        client.query(
          `SELECT count(DISTINCT record_id)::int AS deals FROM rm_timeline WHERE record_type = 'deal'`,
        ),
      );
      expect(rows).toEqual([{ deals: files.deals.length }]);
    });

    it('changes nothing when it is loaded again', async () => {
      const before = await loaded.head();
      const again = await loaded.load();
      expect(again.problemCount).toBe(0);
      for (const { title, rows, created, changed, unchanged } of again.loads) {
        const records = loaded.report.loads.find((one) => one.title === title)!;
        expect({ title, created, changed, unchanged }).toEqual({
          title,
          created: 0,
          changed: 0,
          unchanged: records.created + records.changed + records.unchanged,
        });
        expect(rows).toBe(records.rows);
      }
      expect(await loaded.head()).toBe(before);
    }, 120_000);

    it.each([
      ['sales_pipeline.csv', /^(.*,Won,.*,)\d+(?=\r?$)/m, 'Deals', 'DealLineItemChanged'],
      ['accounts.csv', /^([^"\n]*?,\w+,)\d{4}(?=,)/m, 'Companies', 'CompanyChanged'],
      ['products.csv', /^(.*,.*,)\d+(?=\r?$)/m, 'Products', 'ProductChanged'],
    ])(
      'writes exactly one event for one other cell of %s',
      async (file, cell, title, type) => {
        const text = readFileSync(join(changedFolder, file), 'utf8');
        writeFileSync(join(changedFolder, file), text.replace(cell, '$12001'));
        const before = await loaded.events();
        const report = await loaded.load(changedFolder);
        expect(report.problems.map(problemLine)).toEqual([]);
        const changed = report.loads.filter((one) => one.created + one.changed > 0);
        expect(changed).toMatchObject([{ title, created: 0, changed: 1 }]);
        expect((await loaded.events()).slice(before.length)).toEqual([type]);
      },
      180_000,
    );
  });
}

const shared = join(process.cwd(), '..', 'shared', 'data', 'crm-sales-opportunities');
if (existsSync(shared)) {
  describeImport('the data set CRM sales opportunities', () => shared);
  describe('the data set CRM sales opportunities, counted by hand', () => {
    it('is what its description says', () => {
      const files = readSalesFiles(shared);
      expect(expectedTotals(files)).toEqual({
        open: 1589 + 500,
        won: 4238,
        lost: 2473,
        wonValue: 10_005_534,
      });
      expect([files.products.length, files.accounts.length, files.deals.length]).toEqual([
        7, 85, 8800,
      ]);
    });
  });
} else {
  it.skip('skipped: shared/data', () => undefined);
}

const generated = writeSalesFiles();
afterAll(removeSalesFiles);
describeImport('generated files of the same shape', () => generated);

describe('files with mistakes', () => {
  let loaded: LoadedSales;
  beforeAll(async () => {
    loaded = await LoadedSales.from(writeSalesFiles(40));
  });
  afterAll(() => loaded.test.close());

  /** Loads the files with some lines replaced; a line is counted from 1, the heading included. */
  async function loadWith(file: string, lines: Record<number, (line: string) => string>) {
    const folder = writeSalesFiles(40);
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8').split('\n');
    for (const [line, change] of Object.entries(lines)) {
      text[Number(line) - 1] = change(text[Number(line) - 1]!);
    }
    writeFileSync(path, text.join('\n'));
    const report = await loaded.load(folder);
    return { report, problems: report.problems.map(problemLine) };
  }

  it('says for each bad row where it is, what is wrong and what to do, and loads the others', async () => {
    const row = (more: string) => `X1,Ada Orlen,GTX Pro,Company A,${more}`;
    const { report, problems } = await loadWith('sales_pipeline.csv', {
      2: () => row('Won,10/20/2016,3/1/2017,many'),
      3: () => row('Wonn,10/20/2016,3/1/2017,1'),
      4: () => row('Won,20/10/2016,3/1/2017,1'),
      5: () => row('Won,10/20/2016,,1'),
      6: () => row('Won,10/20/2016,3/1/2015,1'),
      7: () => row('Engaging,10/20/2016,,').replace('Company A', 'Nobody Ltd'),
      8: () => row('Engaging,10/20/2016,,').replace('Ada Orlen', ''),
      9: () => row('Engaging,10/20/2016'),
      10: (line) => line,
    });
    expect(problems).toEqual([
      'sales_pipeline.csv:2 close_value "many" is no amount. Write it like 1100.04.',
      'sales_pipeline.csv:3 deal_stage "Wonn" is none of the known values. Use Prospecting, Engaging, Won, Lost.',
      'sales_pipeline.csv:4 engage_date "20/10/2016" is no day. Write month/day/year, such as 3/31/2017.',
      'sales_pipeline.csv:5 close_date "" is empty, but deal_stage is won. Fill it in, or correct deal_stage.',
      'sales_pipeline.csv:6 close_date "3/1/2015" is before engage_date. Correct one of the two.',
      'sales_pipeline.csv:7 account "Nobody Ltd" names no company. Add the company, or correct the spelling.',
      'sales_pipeline.csv:8 sales_agent "" is empty. Fill it in.',
      'sales_pipeline.csv:9 has 6 cells instead of 8. Put text that holds , between double quotes, and close each of them.',
    ]);
    expect(report.loads.at(-1)).toMatchObject({ unchanged: 32, rejected: 8, created: 0 });
  });

  it('takes what the file says differently, and only that', async () => {
    const { report, problems } = await loadWith('accounts.csv', {
      2: (line) => line.replace('1980', '1970'),
      4: (line) => `${line}Company B`,
      6: (line) => `${line}Nowhere Inc`,
    });
    expect(problems).toEqual([
      'accounts.csv:6 subsidiary_of "Nowhere Inc" names no company. Add the company, or correct the spelling.',
    ]);
    expect(report.loads.find(({ title }) => title === 'Companies')).toMatchObject({
      created: 0,
      changed: 2,
      unchanged: 9,
      rejected: 1,
    });
    await loaded.test.platform.projections.catchUp();
    const { rows } = await loaded.list('companies', { name: 'Company A' });
    expect(rows).toMatchObject([{ foundedYear: 1970, revision: 2 }]);
  });

  it('closes a deal the file has closed since', async () => {
    const files = readSalesFiles(writeSalesFiles(40));
    const index = files.deals.findIndex((deal) => deal['deal_stage'] === 'Engaging');
    const before = await loaded.totals();
    const { report } = await loadWith('sales_pipeline.csv', {
      [index + 2]: (line) => line.replace(/Engaging,(.*),,$/, 'Won,$1,12/31/2017,777'),
    });
    expect(report.loads.at(-1)).toMatchObject({ changed: 1, unchanged: 39 });
    await loaded.test.platform.projections.catchUp();
    const after = await loaded.totals();
    expect(after).toMatchObject({ open: before.open - 1, won: before.won + 1 });
    expect(after.wonValue - before.wonValue).toBe(777);
  });

  it('refuses what would end a closed deal otherwise', async () => {
    const files = readSalesFiles(writeSalesFiles(40));
    const index = files.deals.findIndex((deal) => deal['deal_stage'] === 'Lost');
    const { report, problems } = await loadWith('sales_pipeline.csv', {
      [index + 2]: (line) => line.replace(',Lost,', ',Won,'),
    });
    expect(report.loads.at(-1)).toMatchObject({ changed: 0, rejected: 1 });
    expect(problems).toEqual([
      `sales_pipeline.csv:${index + 2} was refused: The deal is lost. Reopen the deal, then try again.`,
    ]);
  });

  it('loads nothing while a file or a column is missing', async () => {
    const { report, problems } = await loadWith('accounts.csv', {
      1: (line) => line.replace('sector', 'branch'),
    });
    expect(report.loads).toEqual([]);
    expect(problems).toEqual([
      'accounts.csv:1 has no column sector. Its columns are account, branch, year_established, ' +
        'revenue, employees, office_location, subsidiary_of.',
    ]);
    const nothing = await loaded.load(join(loaded.folder, 'nowhere'));
    expect(nothing.problems.map(problemLine)[0]).toBe(
      'products.csv is not there. Put it into the folder.',
    );
  });
});
