import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { product } from '#apps/composition/product';
import { everything, type RequestContext } from '#kernel/context';
import { isRefusal } from '#kernel/refusal';
import { projectionStatus } from '#platform/operations/projection-status';
import { Platform } from '#platform/platform';
import { tableOf } from '#platform/projections/physical';
import { roleName, ROLES } from '#platform/postgres/database';
import { migrate } from '#platform/postgres/migrate';
import { cliOn } from '#test/support/cli';
import { serverUrl } from '#test/support/database';

/** Made by ops/local/freeze-release.mjs from the last commit before the log's guarantees. */
const FROZEN = new URL('frozen/before-guarantees.sql.gz', `file://${import.meta.dirname}/`);
const masterKey = Buffer.alloc(32, 7);

describe('a database made by an older release', () => {
  const name = `cf_test_${randomBytes(6).toString('hex')}`;
  const target = new URL(serverUrl());
  target.pathname = `/${name}`;
  const url = target.toString();
  const cli = cliOn({ url, masterKey });
  let platform: Platform;
  let ctx: RequestContext;
  let before: Record<string, readonly Row[]>;

  type Row = Readonly<Record<string, unknown>>;
  async function sql(text: string, to = url): Promise<readonly Row[]> {
    const client = new pg.Client({ connectionString: to });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }
  /** What people see of every row. */
  const served = async (): Promise<Record<string, readonly Row[]>> => {
    const found: Record<string, readonly Row[]> = {};
    for (const model of product.readModels) {
      const [table] = await sql(`SELECT to_regclass('${tableOf(model)}') AS there`);
      if (!table!['there']) continue;
      found[model.name] = await sql(
        `SELECT id, revision, ${model.label === 'id' ? 'id' : snake(model.label)} AS label,
            owner_id, tags, deleted_at, archived_at, created_at, updated_at
           FROM ${tableOf(model)} ORDER BY id`,
      );
    }
    return found;
  };
  const snake = (field: string) => field.replaceAll(/[A-Z]/g, (one) => `_${one.toLowerCase()}`);

  beforeAll(async () => {
    await sql(`CREATE DATABASE ${name}`, serverUrl());
    await sql(gunzipSync(readFileSync(FROZEN)).toString());
    before = await served();
    const [tenant] = await sql('SELECT tenant_id AS id FROM es_tenant_key ORDER BY 1 DESC LIMIT 1');
    ctx = {
      tenantId: String(tenant!['id']),
      actor: { type: 'system', id: 'spec' },
      grants: everything,
      requestId: 'upgrade',
      correlationId: 'upgrade',
    };
    // On another server the roles are missing, and transaction ids start over.
    await migrate(url, masterKey);
    expect(await cli('epoch open --reason "another server" --yes')).toMatchObject({ code: 0 });
    platform = await Platform.open({
      url,
      masterKey,
      poolSize: 5,
      allowUnsafeDurability: true,
      product,
    });
  }, 120_000);
  afterAll(async () => {
    await platform?.close();
    await sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, serverUrl());
    for (const role of ROLES) {
      await sql(`DROP ROLE IF EXISTS ${roleName(name, role)}`, serverUrl());
    }
  });

  it('opens and migrates; its rows are served as they were', async () => {
    const now = await served();
    for (const model of Object.keys(before)) expect(now[model]).toEqual(before[model]);
    expect(before['companies']).toHaveLength(12);
    const company = before['companies']![0]!;
    const row = await platform.reader.get(
      ctx,
      platform.registry.readModel('companies'),
      String(company['id']),
      { includeDeleted: true },
    );
    expect(row).toMatchObject({ name: company['label'] });
  });

  it('takes commands while its rows are built anew, and serves the same ones afterwards', async () => {
    const waiting = await projectionStatus(platform.database);
    const names = Object.keys(before).sort();
    const declared = waiting.filter(({ rebuild }) => rebuild?.cause === 'declared');
    expect(declared.map((one) => one.name)).toEqual(names);
    const changed = before['companies']!.find((row) => !row['deleted_at'])!;
    const answer = await platform.dispatch('ChangeCompany', { industry: 'Kites' }, ctx, {
      id: String(changed['id']),
    });
    expect(isRefusal(answer)).toBe(false);
    expect([...(await platform.rebuilds.runOnce())].sort()).toEqual(names);
    await platform.projections.catchUp();
    const now = await served();
    for (const model of names) {
      const same = (row: Row) => row['id'] !== changed['id'];
      expect(now[model]!.filter(same)).toEqual(before[model]!.filter(same));
    }
    const [row] = await sql(`SELECT industry FROM rm_companies WHERE id = '${changed['id']}'`);
    expect(row).toEqual({ industry: 'Kites' });
    expect((await projectionStatus(platform.database)).every(({ rebuild }) => !rebuild)).toBe(true);
  }, 120_000);

  it('verifies: every row is the fold of its events, and the chain of hashes holds', async () => {
    const verified = await cli('projections verify all');
    expect(verified).toMatchObject({ code: 0 });
    expect(await cli('doctor --deep')).toMatchObject({ code: 0 });
  }, 120_000);
});
