import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { random } from './random.js';

/** The files of the data set "CRM sales opportunities", as they are. */
export interface SalesFiles {
  readonly products: readonly Readonly<Record<string, string>>[];
  readonly accounts: readonly Readonly<Record<string, string>>[];
  readonly teams: readonly Readonly<Record<string, string>>[];
  readonly deals: readonly Readonly<Record<string, string>>[];
}

export function readSalesFiles(folder: string): SalesFiles {
  const rows = (file: string) =>
    parse(readFileSync(join(folder, file)), { columns: true, bom: true }) as Record<
      string,
      string
    >[];
  return {
    products: rows('products.csv'),
    accounts: rows('accounts.csv'),
    teams: rows('sales_teams.csv'),
    deals: rows('sales_pipeline.csv'),
  };
}

/** `YYYY-MM-DD` of month/day/year; empty stays empty. */
export function isoDay(day: string): string {
  const [month = '', date = '', year] = day.split('/');
  return day && `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
}

const usDay = (time: number) => {
  const day = new Date(time);
  return `${day.getUTCMonth() + 1}/${day.getUTCDate()}/${day.getUTCFullYear()}`;
};
const DAY = 86_400_000;
const products = [
  ['GTX Basic', 'GTX', 550],
  ['GTX Pro', 'GTX', 4821],
  ['Vex Special', 'Vex', 55],
] as const;
const agents = ['Ada Orlen', 'Bo Quist', 'Cy Marwick', 'Di van Holt', 'Ed Sarn'];
const sectors = ['technolgy', 'retail', 'medical'];

function writeCsv(folder: string, file: string, heading: string, rows: readonly unknown[][]): void {
  const cell = (value: unknown) => {
    const text = String(value ?? '');
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => row.map(cell).join(','));
  writeFileSync(join(folder, file), `${heading}\n${lines.join('\n')}\n`);
}

const written: string[] = [];

/** Removes what `writeSalesFiles` has written in this process. */
export function removeSalesFiles(): void {
  for (const folder of written.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/**
 * Files of the same shape with the same dirt: companies that name a parent further down, deals
 * without company or date, a product spelt in one word, a sector misspelt.
 */
export function writeSalesFiles(deals = 160, seed = 7): string {
  const folder = mkdtempSync(join(tmpdir(), 'clientforge-sales-'));
  written.push(folder);
  const next = random(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)]!;
  const names = Array.from({ length: 12 }, (_, n) =>
    n === 5 ? 'Norda, Sons & "Co"' : `Company ${String.fromCharCode(65 + n)}`,
  );
  const parentOf = (n: number) => (n % 4 === 1 ? names[(n + 6) % 12] : '');
  const heading = 'account,sector,year_established,revenue,employees,office_location,subsidiary_of';
  writeCsv(
    folder,
    'accounts.csv',
    heading,
    names.map((name, n) => [
      name,
      sectors[n % 3],
      1980 + n,
      (n * 101.07 + 4.54).toFixed(2),
      n * 90,
      n === 3 ? 'Kenya' : 'United States',
      parentOf(n),
    ]),
  );
  writeCsv(
    folder,
    'products.csv',
    'product,series,sales_price',
    products.map((row) => [...row]),
  );
  writeCsv(
    folder,
    'sales_teams.csv',
    'sales_agent,manager,regional_office',
    agents.map((name, n) => [name, n < 3 ? 'Mia Torv' : 'Max Elm', n < 3 ? 'Central' : 'West']),
  );
  const rows = Array.from({ length: deals }, (_, n) => {
    const [product, , price] = pick(products);
    const stage = pick(['Won', 'Won', 'Won', 'Lost', 'Lost', 'Engaging', 'Prospecting']);
    const engaged = Date.UTC(2016, 9, 20) + Math.floor(next() * 400) * DAY;
    const closed = engaged + Math.floor(next() * 90) * DAY;
    const isClosed = stage === 'Won' || stage === 'Lost';
    const value = stage === 'Won' ? Math.round(price * (0.8 + next() * 0.4)) : 0;
    return [
      `OP${String(n).padStart(6, '0')}`,
      pick(agents),
      product === 'GTX Pro' ? 'GTXPro' : product,
      next() < 0.16 ? '' : pick(names),
      stage,
      stage === 'Prospecting' ? '' : usDay(engaged),
      isClosed ? usDay(closed) : '',
      isClosed ? value : '',
    ];
  });
  const dealHeading =
    'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value';
  writeCsv(folder, 'sales_pipeline.csv', dealHeading, rows);
  return folder;
}
