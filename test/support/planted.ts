import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/** Every form in which a planted value might survive. */
function formsOf(value: string): readonly Buffer[] {
  const bytes = Buffer.from(value);
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      // What depends on its neighbours is left out.
      .slice(shift === 0 ? 0 : 4, -4),
  );
  const plain = [
    value,
    value.toLowerCase(),
    bytes.toString('hex'),
    JSON.stringify(value).slice(1, -1),
  ];
  return [...plain, ...encoded].map((form) => Buffer.from(form));
}

/** Where planted values are found: every table of a database, in full. */
export async function foundInTables(client: pg.Client, planted: readonly string[]) {
  const found: string[] = [];
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname IN ('public', 'pg_catalog') ORDER BY 1`,
  );
  for (const { name } of rows) {
    const { rows: all } = await client.query<{ row: string }>(
      `SELECT t::text AS row FROM ${name} t`,
    );
    const text = Buffer.from(all.map(({ row }) => row).join('\n'));
    for (const value of planted) {
      if (formsOf(value).some((form) => text.includes(form))) found.push(`${name}: ${value}`);
    }
  }
  return found;
}

/** Where planted values are found below a folder, the files of a database included. */
export function foundInFiles(folder: string, planted: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(path);
    for (const value of planted) {
      if (formsOf(value).some((form) => bytes.includes(form))) found.push(`${name}: ${value}`);
    }
  }
  return found;
}
