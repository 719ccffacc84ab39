import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { cliOn, type Ran } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const script = fileURLToPath(new URL('../../ops/audit/verify-export.mjs', import.meta.url));

type Line = Record<string, unknown>;
type Lines = Line[];

describe('events from the command line', () => {
  let test: TestPlatform;
  let cli: (line: string) => Promise<Ran>;
  let ctx: RequestContext;
  let company: string;
  let contact: string;
  let folder: string;
  let lines: Lines;

  const dispatch = async (name: string, input: object, id?: string) =>
    (await test.platform.dispatch(name, input, ctx, id ? { id } : {})) as Accepted;
  const file = (name: string) => join(folder, name);

  /** What the script says of a file, without Node modules and without a database. */
  function verified(path: string, digest = '') {
    return new Promise<{ code: number; out: string }>((resolve) => {
      const args = [script, path, ...(digest ? [digest] : [])];
      execFile(process.execPath, args, { env: {} }, (error, out, said) =>
        resolve({ code: (error?.code as number | undefined) ?? 0, out: out + said }),
      );
    });
  }
  async function changed(change: (copy: Lines) => Lines | void) {
    const copy = structuredClone(lines);
    const text = (change(copy) ?? copy).map((line) => JSON.stringify(line)).join('\n');
    writeFileSync(file('changed.ndjson'), `${text}\n`);
    return verified(file('changed.ndjson'));
  }
  const at = (version: number, of = lines) =>
    of.findIndex(
      (line) => line['streamId'] === `company-${company}` && line['version'] === version,
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-export-'));
    test = await startTestPlatform();
    cli = cliOn(test.test, { DATA_DIR: folder });
    const made = await cliOn(test.test)(
      'tenants create --name Hooli --owner-email o@hooli.example --owner-password-stdin --json',
      'seven quiet lanterns drift',
    );
    const tenantId = (made.json() as { id: string }).id;
    ctx = { ...test.caller(tenantId), actor: { type: 'system', id: 'spec' } };
    company = (await dispatch('CreateCompany', { name: 'Aviato' })).id;
    for (const industry of ['Tea', 'Travel', 'Räume']) {
      await dispatch('ChangeCompany', { industry }, company);
    }
    contact = (await dispatch('CreateContact', { firstName: 'Erlich', lastName: 'Bachman' })).id;
    const exported = await cli(
      `events export --tenant ${tenantId} --out ${file('hooli.ndjson')} --json`,
    );
    expect(exported).toMatchObject({ code: 0 });
    const text = readFileSync(file('hooli.ndjson'), 'utf8');
    lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const digest = createHash('sha256').update(text).digest('hex');
    expect(exported.json()).toMatchObject({ digest, events: lines[0]!['events'] });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await test.close();
  });

  it('exports every event as it is stored, sealed fields sealed, and the heads', async () => {
    expect(lines[0]).toMatchObject({ kind: 'export', format: 2, tenant: ctx.tenantId });
    const { rows } = await test.test.admin((client) =>
      client.query<{ hash: string; data: string }>(
        `SELECT encode(hash, 'hex') AS hash, data FROM es_event WHERE tenant_id = $1
          ORDER BY epoch, xid, pos`,
        [ctx.tenantId],
      ),
    );
    const events = lines.filter(({ kind }) => kind === 'event');
    expect(events.map(({ hash, data }) => ({ hash, data }))).toEqual(rows);
    expect(readFileSync(file('hooli.ndjson'), 'utf8')).not.toContain('Bachman');
    expect(lines.at(-1)).toMatchObject({ kind: 'end', events: rows.length });
    expect(lines.filter(({ kind }) => kind === 'head')).toHaveLength(
      lines[0]!['streams'] as number,
    );
    const whole = createHash('sha256')
      .update(readFileSync(file('hooli.ndjson')))
      .digest('hex');
    const sound = await verified(file('hooli.ndjson'), whole);
    expect(sound).toMatchObject({ code: 0 });
    expect(sound.out).toContain('every chain is intact');
    expect(await verified(file('hooli.ndjson'), '0'.repeat(64))).toMatchObject({ code: 1 });
  });

  it.each([
    ['data', '{}'],
    ['type', 'CompanyArchived'],
    ['occurredAt', '2020-01-01T00:00:00.000Z'],
    ['keyId', 'x:1'],
    ['eventId', '01890a5d-ac96-774b-bcce-b302099a8057'],
    ['hash', 'ab'.repeat(32)],
    ['prevHash', 'ab'.repeat(32)],
  ])('locates an altered %s', async (field, value) => {
    const { code, out } = await changed((copy) => {
      copy[at(2)]![field] = value;
    });
    expect(code).toBe(1);
    expect(out).toContain(`line ${at(2) + 1}: altered: company-${company} revision 2`);
  });

  it('locates missing, inserted and reordered events and truncated tails', async () => {
    const told = async (change: (copy: Lines) => Lines | void) => {
      const { code, out } = await changed(change);
      expect(code).toBe(1);
      return out;
    };
    const stream = `company-${company}`;
    expect(await told((copy) => void copy.splice(at(2), 1))).toContain(
      `line ${at(2) + 1}: missing: ${stream} revision 2 is not there`,
    );
    expect(await told((copy) => void copy.splice(at(2), 0, copy[at(2)]!))).toContain(
      `line ${at(2) + 2}: inserted: ${stream} revision 2 is there already`,
    );
    expect(await told((copy) => void copy.splice(at(2), 2, copy[at(3)]!, copy[at(2)]!))).toContain(
      `line ${at(2) + 1}: reordered: ${stream} revision 2`,
    );
    expect(await told((copy) => void copy.splice(at(4), 1))).toContain(
      `truncated: ${stream} ends at revision 3; its head is 4`,
    );
    expect(await told((copy) => copy.slice(0, -1))).toContain('truncated: the file ends');
    expect(await told((copy) => copy.slice(0, at(3)))).toContain('truncated: the file ends');
    const isHead = (line: Line) => line['kind'] === 'head' && line['streamId'] === stream;
    expect(await told((copy) => copy.filter((line) => !isHead(line)))).toContain(
      `inserted: ${stream} has events but no head`,
    );
    expect(await told((copy) => [...copy, copy[1]!])).toContain('a line follows the last one');
    expect(await told((copy) => void (copy[1]!['position'] = '1.1.1.1'))).toContain('digest');
    expect(await told((copy) => void (copy[0]!['events'] = 1))).toContain('1 events in');
  });

  it('finds a replaced event even where its own hash was made to fit', async () => {
    const { out } = await changed((copy) => {
      const event = copy[at(2)]! as Record<string, string>;
      event['data'] = '{}';
      const sha = (...parts: (string | Buffer)[]) =>
        parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
      const header = ['tenantId', 'streamId', 'version', 'eventId', 'commandId', 'type']
        .map((name) => event[name])
        .concat(String(event['schemaVersion']), event['keyId'] ?? '')
        .concat(['occurredAt', 'recordedAt'].map((name) => String(Date.parse(event[name]!))));
      const previous = Buffer.from(event['prevHash']!, 'hex');
      event['hash'] = sha(previous, header.join('\n'), sha('{}'), sha(event['meta']!)).toString(
        'hex',
      );
    });
    expect(out).toContain(`company-${company} revision 3 does not follow the one before it`);
  });

  it('replaces a file only when told to, and leaves nothing half written', async () => {
    const line = `events export --tenant ${ctx.tenantId} --out ${file('hooli.ndjson')}`;
    expect(await cli(line)).toMatchObject({ code: 2 });
    expect((await cli(`${line} --yes`)).out).toContain('verify-export.mjs');
    expect(
      await cli(`events export --tenant ${ctx.tenantId} --out ${folder}/no/where`),
    ).toMatchObject({ code: 3 });
    const cancelled = cli(`events export --tenant ${ctx.tenantId} --out ${file('cut.ndjson')}`);
    process.emit('SIGINT');
    expect(await cancelled).toMatchObject({ code: 1 });
    expect(readdirSync(folder).filter((name) => /cut|part/.test(name))).toEqual([]);
    expect(await verified(file('nothing'))).toMatchObject({ code: 3 });
  });

  it('replays a record field by field, now and as of then', async () => {
    const line = `events replay --tenant ${ctx.tenantId} --record company/${company}`;
    const { code, json } = await cli(`${line} --json`);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ type: 'company', record: { industry: 'Räume', revision: 4 } });
    expect(json().steps[1]).toMatchObject({
      revision: 2,
      type: 'CompanyChanged',
      changes: [{ field: 'industry', from: null, to: 'Tea' }],
    });
    const then = json().steps[2].occurredAt as string;
    const past = await cli(`${line} --as-of ${then}`);
    expect(past.out).toContain('     industry: "Tea" → "Travel"\n');
    expect(past.out).not.toContain('Räume');
    expect((await cli(`${line.replace(/company.*/, `contact/${contact}`)}`)).out).toContain(
      'Bachman',
    );
    expect(await cli(`${line} --as-of 2020-01-01`)).toMatchObject({ code: 1 });
    expect(await cli(`${line} --as-of yesterday`)).toMatchObject({ code: 2 });
    expect(await cli(`${line}0`)).toMatchObject({ code: 2 });
  });
});
