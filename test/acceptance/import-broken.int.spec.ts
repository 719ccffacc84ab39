import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { importFile, type ImportResult } from '#apps/composition/import/file-import';
import { checkImport, type CheckedImport } from '#apps/composition/import/import-spec';
import { createWorkspace, type Workspace } from '#apps/composition/workspace';
import type { RequestContext } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { systemContext } from '#platform/platform';
import { cliOn } from '#test/support/cli';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

const HEADING = 'First,Last,Mail,Company,Score,Seen,Status,Phone';
const mapping = {
  First: { field: 'firstName' },
  Last: { field: 'lastName' },
  Mail: { field: 'email' },
  Company: { field: 'companyId' },
  Score: { field: 'leadScore' },
  Seen: { field: 'lastContactedAt', format: 'YYYY-MM-DD' },
  Status: { field: 'leadStatus' },
  Phone: { field: 'phone' },
};

let rows = 0;
/** A row that is right but for the cells given. */
function row(cells: Readonly<Record<string, string>> = {}): string {
  const n = ++rows;
  const right = {
    First: 'Ada',
    Last: `Orlen ${n}`,
    Mail: `p${n}@x.example`,
    Company: 'Hooli',
    Score: '7',
    Seen: '2026-03-01',
    Status: 'New',
    Phone: '+43 1 2345',
  };
  return Object.values({ ...right, ...cells }).join(',');
}

/** What is wrong with a row, and the problem it has to become: column and rule. */
const BROKEN: readonly (readonly [string, string | Buffer, string | undefined, string])[] = [
  [
    'a byte that is no character',
    Buffer.concat([Buffer.from('Ad'), Buffer.from([0xff]), Buffer.from(row().slice(3))]),
    'First',
    'encoding',
  ],
  ['too many cells', `${row()},more`, undefined, 'columns'],
  ['too few cells', 'Ada,Orlen', undefined, 'columns'],
  ['a day that is none', row({ Seen: '2026-02-30' }), 'Seen', 'instant'],
  ['a number in words', row({ Score: 'seven' }), 'Score', 'number'],
  ['a number beyond its limits', row({ Score: '101' }), 'Score', 'maximum'],
  ['a mail address that is none', row({ Mail: 'nobody' }), 'Mail', 'email'],
  ['a choice nobody knows', row({ Status: 'Sleeping' }), 'Status', 'choice'],
  ['a company nobody knows', row({ Company: 'Nowhere' }), 'Company', 'reference'],
  ['a company of which there are two', row({ Company: 'Twin' }), 'Company', 'ambiguous'],
  ['the key of an earlier row', row({ Mail: 'p1@x.example' }), 'Mail', 'unique'],
  ['no key', row({ Mail: '' }), 'Mail', 'key'],
  ['a cell of 10 MB', row({ Last: 'x'.repeat(10_000_000) }), 'Last', 'size'],
  ['a NUL', row({ Last: 'Or\u0000len' }), 'Last', 'nul'],
  ['a formula for a number', row({ Score: '=1+1' }), 'Score', 'formula'],
  ['an empty field that is needed', row({ First: '' }), 'First', 'required'],
  ['a name that is too long', row({ First: 'y'.repeat(101) }), 'First', 'maxLength'],
  ['text behind a closing quote', row({ Last: '"Or"len' }), 'Last', 'quote'],
  ['a quote that is not closed', row({ Last: '"Orlen' }), 'Last', 'quote'],
];

describe('a file with broken rows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clientforge-broken-'));
  const path = join(folder, 'contacts.csv');
  let test: TestPlatform;
  let ctx: RequestContext;
  let result: ImportResult;
  const good = [
    row({ First: 'Zoë', Last: 'Ångström' }),
    row({ Last: '"two\nlines, and a comma"' }),
    row({ Last: "O'Brien" }),
  ];
  beforeAll(async () => {
    test = await startTestPlatform();
    test.platform.projections.start();
    const { tenantId } = (await createWorkspace(test.platform, {
      name: 'Hooli',
      ownerEmail: 'owner@hooli.example',
      ownerPassword: 'seven quiet lanterns drift',
    })) as Workspace;
    ctx = systemContext(tenantId, 'spec');
    for (const name of ['Hooli', 'Twin', 'Twin']) {
      const input = { name, allowDuplicate: true };
      const made = await test.platform.dispatch('CreateCompany', input, ctx);
      if (isRefusal(made)) throw new Error(JSON.stringify(made));
    }
    good[0] = good[0]!.replace(/p\d+@/, 'p1@');
    const parts = [HEADING, good[0]!, ...BROKEN.map(([, line]) => line), good[1]!, good[2]!];
    writeFileSync(
      path,
      Buffer.concat(parts.flatMap((part) => [Buffer.from(part as string), Buffer.from('\n')])),
    );
    result = await load();
  }, 60_000);
  afterAll(async () => {
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function load(): Promise<ImportResult> {
    const checked = await checkImport(test.platform, ctx, {
      type: 'contacts',
      path,
      name: 'contacts.csv',
      mapping,
      key: ['email'],
    });
    if (isRefusal(checked)) throw new Error(JSON.stringify(checked));
    return importFile(checked as CheckedImport, {
      platform: test.platform,
      ctx,
      importId: uuidv7(),
      resultPath: join(folder, 'rejected.csv'),
      outcomePath: join(folder, 'rows'),
    });
  }

  it('brings the others in and counts each row once', () => {
    expect(result).toMatchObject({
      created: 3,
      rejected: BROKEN.length,
      rows: BROKEN.length + 3,
      problemCount: BROKEN.length,
    });
  });

  it.each(BROKEN.map(([what, , column, rule], n) => ({ what, column, rule, line: n + 3 })))(
    'names $what',
    ({ column, rule, line }) => {
      const found = result.problems.find((problem) => problem.line === line);
      expect(found).toMatchObject({ rule, ...(column ? { column } : {}) });
      expect(found!.message).not.toBe('');
      expect(found!.remedy).toMatch(/\.$/);
      expect((found!.value ?? '').length).toBeLessThanOrEqual(200);
    },
  );

  it('names them all in the result file, in which nothing is a formula', () => {
    const lines = readFileSync(join(folder, 'rejected.csv'), 'utf8').trim().split('\r\n');
    expect(lines).toHaveLength(BROKEN.length + 1);
    expect(lines.join('\n')).toContain(",'=1+1,formula,");
  });

  it('brings in only what is missing once the file is mended', async () => {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('2026-02-30', '2026-02-28').replace('seven', '9'));
    const again = await load();
    expect(again).toMatchObject({
      created: 2,
      changed: 0,
      unchanged: 3,
      rejected: BROKEN.length - 2,
    });
  });

  it('is imported by the command line as well', async () => {
    const cli = cliOn(test.test);
    const line = `import contacts ${path} --tenant ${ctx.tenantId} --key email`;
    const map =
      '--map "First=firstName,Last=lastName,Mail=email,Company=companyId,Status=leadStatus"';
    const guess = await cli(`${line} --show-guess --json`);
    expect(guess.json().mapping['Mail']).toMatchObject({ field: 'email' });
    const asked = await cli(line);
    expect([asked.code, asked.error]).toEqual([2, expect.stringContaining('--yes')]);
    const out = join(folder, 'out.csv');
    const trial = await cli(`${line} ${map} --dry-run --json --result ${out}`);
    expect(trial.code).toBe(1);
    expect(trial.json()).toMatchObject({ dryRun: true, created: 0, unchanged: 5 });
    expect(readFileSync(out, 'utf8')).toContain('line,column,value');
    const wrong = await cli(`${line} --map Mail=nothing`);
    expect([wrong.code, wrong.error]).toEqual([1, expect.stringContaining('no field nothing')]);
  }, 60_000);
});
