import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commands } from '#apps/cli/commands/all';
import { runCli } from '#apps/cli/run';
import { product } from '#apps/composition/product';
import { Platform } from '#platform/platform';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { removeSalesFiles, writeSalesFiles } from '#test/support/sales-files';

async function waitFor(test: () => Promise<boolean>): Promise<void> {
  while (!(await test())) await sleep(50);
}

const password = 'seven quiet lanterns drift';

describe('the command line', () => {
  let test: TestDatabase;
  let tenant: string;

  async function cli(line: string, input = '', terminal = false) {
    const texts = { out: '', error: '' };
    const sink = (name: 'out' | 'error') => ({
      isTTY: terminal,
      write: (text: string) => (texts[name] += text),
    });
    const args = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const code = await runCli(args, {
      terminal: { out: sink('out'), error: sink('error'), noColor: true },
      input: Readable.from([input]),
      environment: {
        DATABASE_URL: test.url,
        MASTER_KEY: test.masterKey.toString('base64'),
        ALLOW_UNSAFE_DURABILITY: 'true',
      },
    });
    return { code, ...texts, json: () => JSON.parse(texts.out) as any };
  }
  const create = (more = '') =>
    cli(
      `tenants create --name Hooli --owner-email owner@hooli.example --owner-password-stdin ${more}`,
      `${password}\n`,
    );

  beforeAll(async () => {
    test = await createTestDatabase();
    tenant = (await create('--json')).json().id;
  });
  afterAll(async () => {
    await test.drop();
    removeSalesFiles();
  });

  it('shows what there is, and for each command an example that is one of its lines', async () => {
    expect(await cli('help')).toMatchObject({ code: 0 });
    expect(await cli('')).toMatchObject({ code: 2 });
    for (const { words, example } of commands) {
      const { code, out } = await cli(`${words.filter(Boolean).join(' ')} --help`);
      expect({ code, shown: out.includes(example) }).toEqual({ code: 0, shown: true });
    }
  });

  it('makes a workspace once and lists it', async () => {
    const again = await create();
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toBe(`The workspace hooli was there already: tenant ${tenant}\n`);
    expect((await cli('tenants list --json')).json()).toMatchObject([
      { id: tenant, slug: 'hooli' },
    ]);
    expect((await cli('tenants list')).out).toContain('Hooli  active');
    expect((await cli(`users list --tenant ${tenant} --json`)).json()).toMatchObject([
      { email: 'owner@hooli.example', role: 'owner', status: 'active' },
    ]);
  });

  it('answers a refusal with 1 and says how to mend it', async () => {
    const line = 'tenants create --name Hooli --owner-email x@y.example --owner-password-stdin';
    const taken = await cli(line, password);
    expect(taken).toMatchObject({ code: 1, out: '' });
    expect(taken.error).toContain('Another workspace has the address hooli.');
    const weak = await cli(`${line} --json`, 'short');
    expect(weak.code).toBe(1);
    expect(weak.json()).toMatchObject({ error: { code: 'WEAK_PASSWORD' } });
    const nobody = await cli('audit verify --tenant 01890a5d-ac96-774b-bcce-b302099a8057');
    expect(nobody).toMatchObject({ code: 1 });
  });

  it.each([
    ['nonsense', 'There is no command nonsense.'],
    ['tenants', 'Use tenants create, tenants list'],
    ['tenants drop', 'There is no tenants drop.'],
    ['tenants list --all', "Unknown option '--all'."],
    ['tenants list now', 'now is too much.'],
    ['users list', '--tenant is missing.'],
    ['events tail --tenant x --limit many', '--limit takes a whole number'],
    ['epoch open --reason restored', 'Give --yes to go on without asking.'],
  ])('answers %s with 2', async (line, words) => {
    const { code, error } = await cli(line);
    expect(code).toBe(2);
    expect(error).toContain(words);
  });

  it('answers with 3 where it cannot run', async () => {
    const { url } = test;
    (test as { url: string }).url = 'postgres://nobody@127.0.0.1:1/nothing';
    const gone = await cli('tenants list');
    (test as { url: string }).url = url;
    expect(gone).toMatchObject({ code: 3 });
    expect(gone.error).toContain('cannot be reached');
  });

  it('shows settings without secrets, and the state of the projections', async () => {
    const config = await cli('config --json');
    expect(config.out).not.toContain(test.masterKey.toString('base64'));
    expect(config.json()).toContainEqual(
      expect.objectContaining({ name: 'MASTER_KEY', value: '********', source: 'set' }),
    );
    const status = (await cli('projections status --json')).json();
    expect(status.projectedBy).toBeNull();
    expect(status.projections).toContainEqual(
      expect.objectContaining({ name: 'users', lagEvents: 0, lagSeconds: 0, deadLetters: 0 }),
    );
    expect((await cli('projections list')).out).toContain('pipelines');
  });

  it('shows the last events with personal fields sealed', async () => {
    const events = (await cli(`events tail --tenant ${tenant} --json`)).json();
    const created = events.find((event: any) => event.type === 'UserCreated');
    expect(created.data).toMatchObject({ email: '(sealed)', role: 'owner' });
    const { out } = await cli(`events tail --tenant ${tenant} --limit 1`);
    expect(out.split('\n')).toHaveLength(2);
    expect(out).toContain('ReservationTaken');
  });

  it('verifies the hash chains and finds what was changed, taken out and cut off', async () => {
    const verify = async () => {
      const result = await cli(`audit verify --tenant ${tenant} --json`);
      const { intact, violations } = result.json();
      return { code: result.code, intact, kinds: violations.map((one: any) => one.kind) };
    };
    expect(await verify()).toEqual({ code: 0, intact: true, kinds: [] });
    const tampered = async (sql: string, kinds: string[]) => {
      await test.admin(async (client) => {
        await client.query('CREATE TEMP TABLE saved AS SELECT * FROM es_event');
        await client.query(sql);
        expect(await verify()).toEqual({ code: 1, intact: false, kinds });
        await client.query('DELETE FROM es_event');
        await client.query('INSERT INTO es_event SELECT * FROM saved');
      });
    };
    await tampered(
      `UPDATE es_event SET data = replace(data, 'Hooli', 'Raviga') WHERE type = 'TenantCreated'`,
      ['altered'],
    );
    await tampered(`DELETE FROM es_event WHERE type = 'UserCreated'`, ['missing']);
    await tampered(`DELETE FROM es_event WHERE type = 'UserPasswordChanged'`, ['truncated']);
    await tampered(`DELETE FROM es_event WHERE type = 'PipelineCreated'`, ['truncated']);
    await tampered(
      `INSERT INTO es_event SELECT tenant_id, stream_id, version + 1, epoch, xid, pos, shard,
         gen_random_uuid(), command_id, type, schema_version, data, meta, key_id, prev_hash, hash,
         occurred_at, recorded_at FROM es_event WHERE type = 'PipelineCreated'`,
      ['altered'],
    );
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('loads a data set, and says what it would not take', async () => {
    const folder = writeSalesFiles(30);
    const line = `import crm-sales-opportunities ${folder} --tenant ${tenant}`;
    const first = await cli(`${line} --json`);
    expect(first.code).toBe(0);
    const { loads, problemCount } = first.json();
    expect(problemCount).toBe(0);
    expect(loads.at(-1)).toMatchObject({ title: 'Deals', created: 30, rejected: 0 });
    const users = (await cli(`users list --tenant ${tenant} --json`)).json();
    expect(users).toHaveLength(8);
    appendFileSync(join(folder, 'products.csv'), 'GTX Max,GTX,dear\n');
    const second = await cli(line);
    expect(second.code).toBe(1);
    expect(second.out).toContain('products.csv:5 sales_price "dear" is no amount.');
    expect(second.out).toMatch(/Deals +0 +0 +30 +0\n/);
    const nowhere = await cli(`import crm-sales-opportunities nowhere --tenant ${tenant}`);
    expect(nowhere.code).toBe(1);
  });

  it('leaves projecting to a server that runs', async () => {
    const server = await Platform.open({
      url: test.url,
      masterKey: test.masterKey,
      poolSize: 5,
      allowUnsafeDurability: true,
      product,
    });
    const holder = async () =>
      (await cli('projections status --json')).json().projectedBy as string | null;
    try {
      server.projections.start();
      await waitFor(async () => (await holder()) !== null);
      const before = await holder();
      const folder = writeSalesFiles(50, 8);
      const other = (await create('--slug hooli-sales --json')).json().id;
      const line = `import crm-sales-opportunities ${folder} --tenant ${other} --json`;
      const { code, json } = await cli(line);
      expect(code).toBe(0);
      expect(json().loads.at(-1).rows).toBe(50);
      expect(await holder()).toBe(before);
      const { projections } = (await cli('projections status --json')).json();
      expect(Math.max(...projections.map((one: any) => one.lagEvents))).toBe(0);
      const refused = await cli('epoch open --reason x --yes');
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.error).toContain('stop it first');
    } finally {
      await server.close();
    }
  });

  it('opens a new epoch when told to', async () => {
    const opened = await cli('epoch open --reason "a restore" --yes --json');
    expect(opened.json()).toEqual({ epoch: 2, reason: 'a restore', reset: [] });
    expect((await cli(`audit verify --tenant ${tenant}`)).code).toBe(0);
    expect((await create('--slug hooli-two --name "Hooli Two"')).code).toBe(0);
  });
});
