import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { productEffects } from '#apps/composition/jobs';
import { product } from '#apps/composition/product';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import type { HistoryLine } from '#platform/operations/doctor/history';
import { installTraces } from '#platform/operations/doctor/traces';
import { cliOn } from '#test/support/cli';
import { ailments, examine } from '#test/support/doctor';
import { followUpWorld } from '#test/support/followups';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';
import { testSeals, type TestSeals } from '#test/support/sealing';

const SAVED = [
  ...['es_event', 'es_stream', 'es_command', 'es_checkpoint', 'es_dead_letter', 'es_seal', 'job'],
  ...['es_discarded', 'es_standstill'],
  ...['rm_companies', 'rm_companies_timeline', 'rm_tasks', 'trace_checkpoint', 'trace_rows'],
];

const EFFECT = `'saga:notify-of-assignment'`;

describe('the doctor finds a planted change, loss and addition', () => {
  let test: TestPlatform;
  let seals: TestSeals;
  let folder: string;
  let tenantId: string;
  let company: string;
  let other: string;
  let lines: HistoryLine[];

  const sql = (...statements: readonly string[]) =>
    test.test.admin(async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  const historyOf = (history: readonly object[]) => {
    const file = join(folder, 'history.jsonl');
    writeFileSync(file, history.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return file;
  };
  const examined = (...only: readonly string[]) =>
    examine(test.test, { seals, ...(only.length > 0 ? { only } : {}) });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-doctor-'));
    seals = testSeals();
    test = await startTestPlatform(undefined, { effects: productEffects });
    await test.platform.effects.deriveIfLost({ since: new Date(0) });
    await test.test.admin((client) => installTraces(client, product.readModels));
    const world = await followUpWorld(test);
    ({ tenantId } = world);
    lines = [];
    const dispatch = async (command: string, input: object, id: string) => {
      const commandId = uuidv7();
      const done = (await test.platform.dispatch(command, input, world.ctx, {
        id,
        commandId,
      })) as Accepted;
      const place = { tenantId, commandId, streamId: `company-${id}`, events: 1 };
      lines.push({ outcome: 'ok', ...place, revision: done.revision });
    };
    [company, other] = [uuidv7(), uuidv7()];
    for (const id of [company, other]) await dispatch('CreateCompany', { name: 'Hooli' }, id);
    for (const industry of ['Tea', 'Travel', 'Toys']) {
      await dispatch('ChangeCompany', { industry }, company);
    }
    await test.platform.sagas.runner.catchUp();
    await world.wonDeal();
    await test.platform.sagas.runner.catchUp();
    await world.advance(new Date(Date.now() + 90 * 86_400_000).toISOString());
    await test.platform.projections.catchUp();
    const sealer = seals.sealer(test.test.database);
    await sealer.catchUp();
    await sealer.close();
    await sql(...SAVED.map((name) => `CREATE TABLE saved_${name} AS SELECT * FROM ${name}`));
  });
  afterEach(() =>
    sql(
      'SET session_replication_role = replica',
      ...SAVED.flatMap((name) => [
        `DELETE FROM ${name}`,
        `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM saved_${name}`,
      ]),
      'SET session_replication_role = DEFAULT',
    ),
  );
  afterAll(async () => {
    await test.close();
    seals.remove();
    rmSync(folder, { recursive: true });
  });

  it('holds everything that was written, with the file of what callers were told', async () => {
    const found = await examine(test.test, { seals, history: historyOf(lines) });
    expect(ailments(found)).toEqual([]);
    for (const invariant of ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I11']) {
      const own = found.filter((one) => one.invariant === invariant);
      expect([invariant, own.some(({ checked }) => checked > 0)]).toEqual([invariant, true]);
    }
    expect(found.find(({ name }) => name === 'steps')!.checked).toBeGreaterThan(1);
  });

  it('says what it would need, and takes the file on the command line', async () => {
    const cli = cliOn(test.test, { DATA_DIR: folder });
    await sql(`UPDATE es_lease SET expires_at = now() - interval '1 hour'`);
    const without = await cli('doctor');
    expect(without.out).toMatch(/^not checked +I1 .*: no --history was given$/m);
    expect(without.out).toMatch(/^not checked +I7 .*: --deep does$/m);
    expect(without.out).toMatch(/^not checked +I10 .*: no process works on this database$/m);
    const sound = await cli(`doctor --deep --history ${historyOf(lines)}`);
    expect(sound.out).toMatch(/^holds +I1 .* \(5 operations\)$/m);
    expect(sound.code).toBe(0);
    const untrue = { ...lines[0], commandId: uuidv7() };
    expect((await cli(`doctor --history ${historyOf([untrue])}`)).code).toBe(1);
    expect((await cli(`doctor --history ${historyOf([{ outcome: 'maybe' }])}`)).code).toBe(2);
  });

  it.each<[what: string, change: (line: HistoryLine) => object, example: RegExp]>([
    ['a lost event', (line) => ({ ...line, commandId: uuidv7() }), /has 0 of its 1 events/],
    ['another revision', (line) => ({ ...line, revision: 9 }), /at revision 9 and stands at/],
    ['too many events', (line) => ({ ...line, events: 0 }), /has 1 of its 0 events/],
    ['events of a refusal', (line) => ({ ...line, outcome: 'fail' }), /was refused and has 1/],
    [
      'half of an unknown one',
      (line) => ({ ...line, outcome: 'info', events: 2 }),
      /has 1 of its 2 events/,
    ],
  ])('I1 %s', async (_what, change, example) => {
    const history = historyOf([...lines.slice(1), change(lines[0]!)]);
    const [found] = await examine(test.test, { history, only: ['history'] });
    expect(found).toMatchObject({ status: 'violated', example: expect.stringMatching(example) });
  });

  it('I1 an operation without an answer is whole or absent', async () => {
    const unknown = { ...lines[0]!, outcome: 'info' };
    const absent = { ...unknown, commandId: uuidv7() };
    const history = historyOf([unknown, absent]);
    expect(await examine(test.test, { history, only: ['history'] })).toMatchObject([
      { status: 'holds', checked: 2 },
    ]);
  });

  const stream = () => `stream_id = 'company-${company}'`;
  const entry = () => `(SELECT event_id FROM es_event WHERE ${stream()} AND version = 2)`;
  const step = () => `stream_id LIKE 'followup-%'`;
  const parked = (version: number, reason = 'planted') =>
    `INSERT INTO es_dead_letter SELECT 'companies', tenant_id, stream_id, version, event_id, type,
       '${reason}' FROM es_event WHERE ${stream()} AND version = ${version}`;
  const unnotified = `DELETE FROM job WHERE kind = 'effect-notify-of-assignment'`;
  const unapplied = (...versions: readonly number[]) =>
    `DELETE FROM rm_companies_timeline WHERE id IN (SELECT event_id FROM es_event
       WHERE ${stream()} AND version IN (${versions.join()}))`;

  it.each<[name: string, example: RegExp, plant: () => readonly string[]]>([
    [
      'answers',
      /company-.* revision 2: no answer of command/,
      () => [
        `DELETE FROM es_command WHERE command_id =
           (SELECT command_id FROM es_event WHERE ${stream()} AND version = 2)`,
      ],
    ],
    [
      'moves',
      /companies went from/,
      () => [
        `UPDATE es_checkpoint SET pos = pos - 1 WHERE processor = 'companies'`,
        `UPDATE es_checkpoint SET pos = pos + 1 WHERE processor = 'companies'`,
      ],
    ],
    [
      'moves',
      /companies went from/,
      () => [
        `UPDATE trace_checkpoint SET was = '1.2.3' WHERE n = (SELECT max(n) FROM trace_checkpoint
           WHERE processor = 'companies')`,
      ],
    ],
    [
      'together',
      /wrote rows of companies and left its checkpoint/,
      () => [`INSERT INTO trace_rows VALUES ('companies', '77')`],
    ],
    ['applied', /companies passed company-.* revision 2/, () => [unapplied(2)]],
    [
      'applied',
      /companies applied .*, which is not in the log/,
      () =>
        [`UPDATE rm_companies_timeline SET id = gen_random_uuid() WHERE id = ${entry()}`].concat(
          parked(2),
        ),
    ],
    ['applied', /revision 2 .* applied and parked/, () => [parked(2)]],
    [
      'applied',
      /applied ahead of its checkpoint/,
      () => [
        `UPDATE es_checkpoint c SET (epoch, xid, pos) = (SELECT epoch, xid, pos FROM es_event
           WHERE ${stream()} AND version = 2) WHERE processor = 'companies'`,
      ],
    ],
    ['parking', /1 dead letters for 3 events/, () => [unapplied(2, 3, 4), parked(2)]],
    [
      'parking',
      /because: queued behind/,
      () => [
        unapplied(3, 4),
        parked(3, 'queued behind a parked event'),
        parked(4, 'queued behind a parked event'),
      ],
    ],
    [
      'steps',
      /command \w+ was never given/,
      () => [
        `DELETE FROM es_command WHERE command_id IN (SELECT command_id FROM es_event
           WHERE stream_id LIKE 'task-%' AND version = 1)`,
      ],
    ],
    [
      'steps',
      /step for .* again/,
      () => [
        `INSERT INTO es_event SELECT (jsonb_populate_record(e, jsonb_build_object('version', 99,
           'event_id', gen_random_uuid(), 'pos', e.pos + 1000000))).* FROM es_event e
          WHERE ${step()} AND version = 1`,
      ],
    ],
    [
      'steps',
      /task-.* was changed by no step/,
      () => [
        `INSERT INTO es_event SELECT (jsonb_populate_record(e, jsonb_build_object('version', 99,
           'event_id', gen_random_uuid(), 'command_id', gen_random_uuid()))).* FROM es_event e
          WHERE stream_id LIKE 'task-%' AND version = 1 LIMIT 1`,
      ],
    ],
    ['effects', /deal-.* revision 1: no job of notify-of-assignment/, () => [unnotified]],
    [
      'effects',
      /job .* \(effect-notify-of-assignment\) belongs to no event/,
      () => [`DELETE FROM es_event WHERE stream_id LIKE 'task-%'`],
    ],
    [
      'effects',
      /job .* \(effect-notify-of-assignment\) belongs to no event/,
      () => [
        `INSERT INTO job SELECT (jsonb_populate_record(j, jsonb_build_object('id',
           gen_random_uuid()))).* FROM job j WHERE kind LIKE 'effect-%'`,
      ],
    ],
    [
      'seals',
      /seal/,
      () => [`UPDATE es_seal SET content = replace(content, '"number":1', '"number":2')`],
    ],
    [
      'tenants',
      /job .* belongs to no tenant/,
      () => [
        `INSERT INTO job (tenant_id, id, kind, title, unit, status, actor_type, actor_id,
           correlation_id, input) VALUES (gen_random_uuid(), gen_random_uuid(), 'audit', 'x', 'x',
           'succeeded', 'user', 'x', 'x', 'x')`,
      ],
    ],
    ['folds', /companies: lost live row/, () => [`DELETE FROM rm_companies WHERE id = '${other}'`]],
  ])('%s: %s', async (name, example, plant) => {
    await sql(...plant());
    const [found] = await examined(name);
    expect(found).toMatchObject({ status: 'violated', example: expect.stringMatching(example) });
  });

  it.each<[why: string, plant: string]>([
    ['with the next reading', `DELETE FROM es_checkpoint WHERE processor = ${EFFECT}`],
    [
      'once its stream is freed',
      `INSERT INTO es_dead_letter SELECT ${EFFECT}, tenant_id, stream_id, version, event_id, type,
         'planted' FROM es_event WHERE stream_id ~ '^(deal|task)-'`,
    ],
    [
      'never, discarded',
      `INSERT INTO es_discarded SELECT ${EFFECT}, tenant_id, stream_id, version, event_id, type,
         'planted', '', '' FROM es_event WHERE stream_id ~ '^(deal|task)-'`,
    ],
    [
      'once its workspace is open again',
      `INSERT INTO es_standstill SELECT tenant_id, ${EFFECT}, 0, '0', 0 FROM es_event
        WHERE stream_id ~ '^(deal|task)-' LIMIT 1`,
    ],
    [
      'never, erased',
      `INSERT INTO es_event SELECT (jsonb_populate_record(e, jsonb_build_object('stream_id',
         'erasure-' || gen_random_uuid(), 'type', 'SubjectErased', 'version', 1, 'pos',
         e.pos + 1000000, 'event_id', gen_random_uuid()))).* FROM es_event e
        WHERE stream_id ~ '^(deal|task)-' ORDER BY xid DESC LIMIT 1`,
    ],
  ])('I7 an effect without a job is right where it is done %s', async (_why, plant) => {
    await sql(unnotified, plant);
    expect(await examined('effects')).toMatchObject([{ status: 'holds' }]);
  });

  it('I7 says where no worker has looked at the jobs', async () => {
    await sql('TRUNCATE job');
    const [found] = await examined('effects');
    expect(found).toMatchObject({
      status: 'not checked',
      note: expect.stringMatching(/no worker/),
    });
  });

  it('I10 says what has waited too long, and where nobody works that nothing was looked at', async () => {
    const waiting = `UPDATE es_lease SET expires_at = now() + interval '1 hour'
      WHERE name LIKE 'projections/%'`;
    await sql(waiting);
    expect(await examined('waiting')).toMatchObject([{ status: 'holds' }]);
    await sql(`INSERT INTO job (tenant_id, id, kind, title, unit, status, actor_type, actor_id,
      correlation_id, input, due_at) VALUES ('${tenantId}', gen_random_uuid(), 'audit', 'x', 'x',
      'queued', 'user', 'x', 'x', 'x', now() - interval '2 minutes')`);
    const [found] = await examined('waiting');
    expect(found!.example).toMatch(/job .* has waited for 12\d s/);
  });
});
