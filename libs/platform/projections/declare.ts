import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { EventDefinition } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import type { Queryable } from '../postgres/database.js';
import { alignTables } from './align.js';
import { fingerprint } from './fingerprint.js';
import { indexStatements } from './indexes.js';
import { tablesOf } from './physical.js';
import { beginAt, servedPlaces } from './places.js';
import { wantRebuild } from './rebuild-notes.js';
import { attachStatement, dropStatements, tableStatements } from './table-statements.js';

const hashes = new WeakMap<ReadModel, Promise<string>>();

/** Names what the tables of a model look like and what its code writes into them. */
export function declarationHash(
  model: ReadModel,
  events: readonly EventDefinition[],
): Promise<string> {
  let hash = hashes.get(model);
  if (!hash) hashes.set(model, (hash = hashOf(model, events)));
  return hash;
}

async function hashOf(model: ReadModel, events: readonly EventDefinition[]): Promise<string> {
  const tables = tablesOf(model);
  const shape = [...tableStatements(model, tables), ...indexStatements(model, tables)];
  const code = await fingerprint(model, events);
  return createHash('sha256')
    .update(JSON.stringify([model.version, model.temporal, shape, code]))
    .digest('hex');
}

/** Models whose tables are not, or not as they are declared now. */
export async function changedModels(
  query: Queryable,
  models: readonly ReadModel[],
  events: readonly EventDefinition[],
): Promise<readonly ReadModel[]> {
  const { rows } = await query.query<{ name: string; hash: string }>(
    'SELECT name, hash FROM rm_declaration',
  );
  const known = new Map(rows.map(({ name, hash }) => [name, hash]));
  const changed: ReadModel[] = [];
  for (const model of models) {
    if (known.get(model.name) !== (await declarationHash(model, events))) changed.push(model);
  }
  return changed;
}

/**
 * Brings the tables of all declared read models into being. A model whose declaration or code
 * changed goes on being served from the rows there are, and waits for a worker to rebuild it.
 */
export async function declareReadModels(
  client: pg.Client,
  models: readonly ReadModel[],
  events: readonly EventDefinition[],
): Promise<void> {
  const query = client as unknown as Queryable;
  for (const model of await changedModels(query, models, events)) {
    const served = await alignTables(client, model);
    await client.query('BEGIN');
    if (!served) await createTables(client, model);
    // Rows written by two declarations are no longer those of either.
    if (served || !(await beginsEmpty(client, model))) {
      await wantRebuild(query, model.name);
    }
    await recordDeclaration(client, model.name, model, events);
    await client.query('COMMIT');
  }
}

async function createTables(client: pg.Client, model: ReadModel): Promise<void> {
  const tables = tablesOf(model);
  const statements = [
    ...dropStatements(tables),
    ...tableStatements(model, tables),
    ...indexStatements(model, tables),
    attachStatement(model, tables),
  ];
  await client.query(statements.join(';\n'));
  await client.query('DELETE FROM es_checkpoint WHERE processor = $1', [model.name]);
}

/** Without a stream in the log there is nothing to build: the model joins the others at once. */
async function beginsEmpty(client: pg.Client, model: ReadModel): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM es_stream WHERE category = $1 LIMIT 1', [
    model.category,
  ]);
  if (rowCount) return false;
  const query = client as unknown as Queryable;
  await beginAt(query, model, await servedPlaces(query, model.name));
  return true;
}

/** Remembers which declaration the tables of this name were built by. */
export async function recordDeclaration(
  client: pg.Client,
  name: string,
  model: ReadModel,
  events: readonly EventDefinition[],
): Promise<void> {
  await client.query(
    `INSERT INTO rm_declaration (name, version, hash) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET version = excluded.version, hash = excluded.hash,
       declared_at = clock_timestamp()`,
    [name, model.version, await declarationHash(model, events)],
  );
}
