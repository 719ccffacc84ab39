import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlatform, type OpenedPlatform } from '#apps/composition/open-platform';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { loadConfig } from '#platform/config/config';
import { BACKUPS } from '#platform/erasure/report';
import { systemContext } from '#platform/platform';
import pg from 'pg';
import { cliOn } from '#test/support/cli';
import { foundInFiles, foundInTables } from '#test/support/planted';

const PLANTED = ['Oswaldine', 'Pepperquill', 'oswaldine.pepperquill@example.org', 'glockenspiel'];

/** A database of its own, whose files can be looked into. */
describe('S29 scrubbing', () => {
  let folder: string;
  let opened: OpenedPlatform;
  const settings = () => ({ DATA_DIR: folder, LOG_LEVEL: 'silent', DEMO: 'false' });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-scrub-'));
    // The account of the database may pass through, so that its files lie here.
    chmodSync(folder, 0o755);
    opened = await openPlatform(loadConfig(settings()));
  });
  afterAll(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function settled() {
    const { platform } = opened;
    const head = await platform.store.settled();
    for (const name of platform.registry.readModels.keys()) {
      await platform.positions.wait(name, head, 20_000);
    }
  }
  async function withClient<Result>(work: (client: pg.Client) => Promise<Result>) {
    const client = new pg.Client({ connectionString: opened.platform.options.url });
    await client.connect();
    return work(client).finally(() => client.end());
  }

  it('S29 leaves planted values nowhere: tables, catalogue, data folder, logs', async () => {
    const { platform } = opened;
    platform.projections.start();
    const tenantId = uuidv7();
    const ctx = systemContext(tenantId, 'spec');
    const dispatch = async (name: string, input: object, id?: string) => {
      const answer = await platform.dispatch(name, input, ctx, id ? { id } : {});
      if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
      return (answer as Accepted).id;
    };
    await dispatch('CreateTenant', { name: 'Harps', slug: 'harps' }, tenantId);
    const [firstName, lastName, email, about] = PLANTED;
    const id = await dispatch('CreateContact', { firstName, lastName, email, about });
    const related = { relatedToType: 'contact', relatedToId: id };
    await dispatch('CreateNote', { content: `Plays the ${about}`, ...related });
    for (let n = 0; n < 30; n++) await dispatch('ChangeContact', { title: `${about} ${n}` }, id);
    const others = Array.from({ length: 20 }, (_, n) =>
      dispatch('CreateContact', { firstName: `Other ${n}`, lastName: 'Person' }),
    );
    await Promise.all(others);
    const uploads = join(folder, 'files', 'imports', tenantId);
    await mkdir(uploads, { recursive: true });
    await writeFile(join(uploads, `${uuidv7()}.csv`), `name,email\n${firstName},${email}\n`);
    await settled();
    await withClient((client) => client.query('ANALYZE; CHECKPOINT; SELECT pg_switch_wal()'));
    expect(foundInFiles(folder, PLANTED).length).toBeGreaterThan(10);

    const cli = cliOn({ url: '', masterKey: Buffer.alloc(0) }, settings());
    const line = `subjects erase --tenant ${tenantId} --subject ${id} --scrub --json`;
    const asked = await cli(line);
    expect(asked.code).toBe(2);
    expect(asked.out).toContain('--yes');
    const ran = await cli(`${line} --yes`);
    expect({ code: ran.code, error: ran.code ? ran.error : '' }).toEqual({ code: 0, error: '' });
    const report = ran.json();
    expect(report.scrubbed.tables).toBeGreaterThan(10);
    expect(report.scrubbed.walSegments).toBeGreaterThan(0);
    const remains = report.remains.map(({ place }: { place: string }) => place);
    expect(remains).toEqual(['notes that refer to the subject', BACKUPS.place]);

    expect(await withClient((client) => foundInTables(client, PLANTED))).toEqual([]);
    expect(foundInFiles(folder, PLANTED)).toEqual([]);
    const audit = await cli(`audit verify --tenant ${tenantId} --json`);
    expect(audit.json()).toMatchObject({ intact: true });
    const rebuilt = await cli('projections rebuild contacts --json');
    expect(rebuilt.code).toBe(0);
    expect(foundInFiles(folder, PLANTED)).toEqual([]);
    expect((await cli('projections verify contacts --json')).json()).toMatchObject({
      intact: true,
    });
  });
});
