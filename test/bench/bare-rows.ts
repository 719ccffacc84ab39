import type pg from 'pg';
import type { World } from './world.js';

const ROWS = 20_000;
const PARAMETERS = 60_000;

/** Rows of a table as the driver gives them, and the same table without indexes to put them in. */
async function sample(db: pg.Client, table: string) {
  const { rows, fields } = await db.query<unknown[]>({
    text: `SELECT * FROM ${table} LIMIT ${ROWS}`,
    rowMode: 'array',
  });
  await db.query(`CREATE TABLE bare_${table} (LIKE ${table})`);
  const json = new Set(
    fields.flatMap(({ dataTypeID }, n) => ([114, 3802].includes(dataTypeID) ? n : [])),
  );
  // Objects become JSON here, before the clock runs.
  return rows.map((row) =>
    row.map((value, n) => (json.has(n) && value !== null ? JSON.stringify(value) : value)),
  );
}

async function insert(db: pg.Client, table: string, rows: readonly (readonly unknown[])[]) {
  const columns = rows[0]!.length;
  const chunk = Math.min(500, Math.floor(PARAMETERS / columns));
  for (let from = 0; from < rows.length; from += chunk) {
    const some = rows.slice(from, from + chunk);
    const marks = some.map(
      (_, row) =>
        `(${Array.from({ length: columns }, (_, n) => `$${row * columns + n + 1}`).join()})`,
    );
    await db.query({
      name: `bare_${table}_${some.length}`,
      text: `INSERT INTO bare_${table} VALUES ${marks.join()}`,
      values: some.flat(),
    });
  }
}

/**
 * Events per second if the rows of an event (its record, its version, its timeline entry) were
 * only inserted, by the same driver, into tables without keys or indexes.
 */
export function bareInserts(world: World, model: string): Promise<number> {
  return world.admin(async (db) => {
    const tables = ['', '_history', '_timeline'].map((part) => `rm_${model}${part}`);
    let seconds = 0;
    let events = 0;
    for (const table of tables) {
      const rows = await sample(db, table);
      const start = performance.now();
      await insert(db, table, rows);
      seconds += (performance.now() - start) / 1000;
      events = rows.length;
      await db.query(`DROP TABLE bare_${table}`);
    }
    return events / seconds;
  });
}
