import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#kernel/ids';
import { eventHash } from '#platform/event-store/hash';
import type { StoredEvent } from '#platform/event-store/port';
import { PostgresEventStore } from '#platform/event-store/postgres-store';
import { Leases } from '#platform/projections/lease';
import { OutsideCopy } from '#platform/seals/outside-copy';
import { readSealKeys } from '#platform/seals/seal-keys';
import { Sealer } from '#platform/seals/sealer';
import { cliOn, type Ran } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { appendTo, newEvents, newStream } from '../contracts/requests.js';

const script = fileURLToPath(new URL('../../ops/audit/verify-export.mjs', import.meta.url));

interface Line {
  kind: string;
  streamId: string;
  version: number;
  position: string;
  hash: string;
  prevHash: string;
  data: string;
  content: string;
  number: number;
  signature: string;
  entries: string | null;
}

describe('S30 the audit on the command line and offline', () => {
  let test: TestPlatform;
  let cli: (line: string, input?: string) => Promise<Ran>;
  let folder: string;
  let tenant: string;
  let lines: Line[];
  let key: string;
  let copy: string;
  const [first, second, third] = [newStream(), newStream(), newStream()];

  /** What the script says, with Node alone, of the file and the arguments. */
  function verified(args: readonly string[]) {
    return new Promise<{ code: number; out: string }>((resolve) => {
      execFile(process.execPath, [script, ...args], { env: {} }, (error, out, said) =>
        resolve({ code: (error?.code as number | undefined) ?? 0, out: out + said }),
      );
    });
  }
  /** What the script says once the lines were changed. */
  async function told(change: (copy: Line[]) => Line[] | void, ...args: readonly string[]) {
    const changed = structuredClone(lines);
    const text = (change(changed) ?? changed).map((line) => JSON.stringify(line)).join('\n');
    writeFileSync(join(folder, 'changed.ndjson'), `${text}\n`);
    const { code, out } = await verified([join(folder, 'changed.ndjson'), '--key', key, ...args]);
    expect(code).toBe(1);
    return out;
  }
  const at = (streamId: string, version: number, of = lines) =>
    of.findIndex(
      (one) => one.kind === 'event' && one.streamId === streamId && one.version === version,
    );
  const sealAt = (number: number, of = lines) =>
    of.findIndex((one) => one.kind === 'seal' && one.number === number);
  /** Makes the chain of a stream, and its head, fit what was changed. */
  function forge(of: Line[], streamId: string) {
    let [previous, version] = ['0'.repeat(64), 0];
    for (const one of of.filter((line) => line.kind === 'event' && line.streamId === streamId)) {
      const event = one as unknown as StoredEvent;
      const [occurredAt, recordedAt] = [new Date(event.occurredAt), new Date(event.recordedAt)];
      version += 1;
      Object.assign(one, { version, prevHash: previous });
      previous = eventHash({ ...event, version, prevHash: previous, occurredAt, recordedAt });
      one.hash = previous;
    }
    const head = of.find((line) => line.kind === 'head' && line.streamId === streamId)!;
    Object.assign(head, { version, hash: previous });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-audit-'));
    test = await startTestPlatform();
    cli = cliOn(test.test, { DATA_DIR: folder });
    const made = await cli(
      'tenants create --name Hooli --owner-email o@hooli.example --owner-password-stdin --json',
      'seven quiet lanterns drift',
    );
    tenant = (made.json() as { id: string }).id;
    copy = join(folder, 'seals', `${tenant}.ndjson`);
    const { database } = test.test;
    const store = new PostgresEventStore(database);
    const sealed = async () => {
      await store.settled();
      const keys = await readSealKeys({ dataDir: folder, sealKey: undefined });
      const sealer = new Sealer({
        ...{ database, keys, copy: new OutsideCopy(join(folder, 'seals')), everyMs: 1_000 },
        leases: new Leases(database, uuidv7()),
      });
      expect(await sealer.catchUp()).toBe(true);
      await sealer.close();
    };
    await appendTo(store, tenant, first, 'none', newEvents(4));
    await sealed();
    await appendTo(store, tenant, second, 'none', newEvents(3));
    await appendTo(store, tenant, first, 4, newEvents(1));
    await sealed();
    await appendTo(store, tenant, third, 'none', newEvents(1));
    const path = join(folder, 'hooli.ndjson');
    expect(await cli(`events export --tenant ${tenant} --out ${path}`)).toMatchObject({ code: 0 });
    const text = readFileSync(path, 'utf8').trimEnd();
    lines = text.split('\n').map((line) => JSON.parse(line) as Line);
    const { keys } = (await cli('audit keys --json')).json() as { keys: { publicKey: string }[] };
    key = join(folder, 'key.pem');
    writeFileSync(key, keys[0]!.publicKey);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await test.close();
  });

  it('S30 verifies an untouched export, its seals and who signed them', async () => {
    const path = join(folder, 'hooli.ndjson');
    const sound = await verified([path, '--key', key, '--seals', copy]);
    expect(sound).toMatchObject({ code: 0 });
    expect(sound.out).toContain('every chain is intact');
    expect(sound.out).toMatch(/\d+ events are sealed until \S+, 2 seals, by the key given/);
    expect((await verified([path])).out).toContain('own key; compare');
    const stranger = join(folder, 'stranger.pem');
    const { publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(stranger, publicKey.export({ type: 'spki', format: 'pem' }));
    const refused = await verified([path, '--key', stranger]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.out).toMatch(/seal 1 is signed with the key \w{16}, which was not given/);
    expect(await verified([path, '--nonsense'])).toMatchObject({ code: 2 });
    expect(await verified([path, '--key', join(folder, 'none')])).toMatchObject({ code: 3 });
  });

  it.each([
    'data',
    'meta',
    'type',
    'schemaVersion',
    'eventId',
    'commandId',
    'occurredAt',
    'recordedAt',
    'keyId',
    'prevHash',
    'hash',
  ] as const)('S30 locates offline one altered byte of %s', async (column) => {
    const out = await told((file) => {
      const event = file[at(first, 2)] as unknown as Record<string, string | number | null>;
      const value = event[column];
      if (column.endsWith('At')) {
        event[column] = new Date(Date.parse(String(value)) + 1).toISOString();
      } else if (typeof value === 'number') event[column] = value + 1;
      else if (value === null) event[column] = 'x';
      else event[column] = value!.replace(/.$/s, (last) => (last === '0' ? '1' : '0'));
    });
    expect(out).toMatch(new RegExp(`line ${at(first, 2) + 1}: altered: ${first} revision 2`));
  });

  it.each([
    ['tenantId', () => uuidv7()],
    ['streamId', () => newStream()],
    ['version', () => 99],
    ['position', () => '0.0.1'],
  ])('S30 locates offline an altered %s', async (column, value) => {
    const out = await told((file) => {
      (file[at(first, 2)] as unknown as Record<string, unknown>)[column] = value();
    });
    const place = `line ${at(first, 2) + 1}: |${first} revision 2`;
    expect(out).toMatch(new RegExp(place));
  });

  it('S30 locates offline what was altered, deleted or added though all hashes fit', async () => {
    const altered = await told((file) => {
      file[at(first, 3)]!.data = '{}';
      forge(file, first);
    });
    expect(altered).toContain(`line ${at(first, 3) + 1}: altered: ${first} revision 3`);
    const deleted = await told((file) => {
      file.splice(at(second, 3), 1);
      forge(file, second);
    });
    expect(deleted).toContain(`missing: ${second} revision 3 is entry`);
    const added = await told((file) => {
      file.splice(at(second, 3) + 1, 0, { ...file[at(second, 3)]!, version: 4 });
      forge(file, second);
    });
    expect(added).toContain(`${second} revision 4`);
  });

  it('S30 locates offline another order of the feed, a cut tail and a vanished stream', async () => {
    const reordered = await told((file) => {
      const [one, other] = [file[at(second, 3)]!, file[at(first, 5)]!];
      [one.position, other.position] = [other.position, one.position];
    });
    expect(reordered).toContain(`reordered: ${second} revision 3`);
    expect(reordered).toContain(`reordered: ${first} revision 5`);
    const cut = await told((file) => {
      file.splice(at(first, 5), 1);
      forge(file, first);
    });
    expect(cut).toContain(`missing: ${first} revision 5 is entry 4 of seal 2, and not there`);
    const vanished = await told((file) => file.filter((line) => line.streamId !== second));
    expect(vanished).toContain(`missing: ${second} revision 1 is entry 1 of seal 2, and not there`);
  });

  it('S30 locates offline an altered, a missing and a cut-off seal', async () => {
    const swap = (name: 'content' | 'signature', from: string | RegExp, to: string) =>
      told((file) => {
        const seal = file[sealAt(1)]!;
        seal[name] = seal[name].replace(from, to);
      });
    expect(await swap('content', /"events":\d/, '"events":9')).toContain(
      'seal 1 does not have the',
    );
    expect(await swap('signature', /^..../, 'AAAA')).toContain('seal 1 does not have the');
    expect(await swap('content', '{', '')).toContain('seal 1 cannot be read');
    expect(await told((file) => void file.splice(sealAt(1), 1))).toContain('seal 1 is not there');
    const range = await told((file) => {
      file[sealAt(2)]!.entries = null;
      file.splice(at(second, 3), 1);
      forge(file, second);
    });
    expect(range).toContain('seal 2 covers 4 events behind');
    // Without the last seal the rest looks like a log that is not sealed yet; the copy knows more.
    const last = (file: Line[]) => void file.splice(sealAt(2), 1);
    expect(await told(last, '--seals', copy)).toContain('the copy goes on to seal 2');
  });

  it('S30 audit verify tells by its exit code, and for every tenant', async () => {
    const line = `audit verify --tenant ${tenant}`;
    const sound = await cli(line);
    expect(sound).toMatchObject({ code: 0 });
    expect(sound.out).toContain('every chain and seal is intact');
    expect(sound.out).toContain('1 not yet');
    expect((await cli(`${line} --json`)).json()).toMatchObject({ intact: true, seals: 2 });
    expect(await cli('audit verify')).toMatchObject({ code: 2 });
    expect(await cli(`${line} --all`)).toMatchObject({ code: 2 });
    const [event] = (
      await test.test.admin((client) =>
        client.query(`DELETE FROM es_event WHERE stream_id = $1 AND version = 2 RETURNING *`, [
          second,
        ]),
      )
    ).rows as { stream_id: string }[];
    expect(event).toBeDefined();
    const broken = await cli('audit verify --all');
    expect(broken).toMatchObject({ code: 1 });
    expect(broken.out).toMatch(new RegExp(`${second} +2 +missing`));
    expect(await cli(`audit resume --tenant ${tenant} --reason none --yes`)).toMatchObject({
      code: 0,
      out: expect.stringContaining('No tenant needed it'),
    });
  });
});
