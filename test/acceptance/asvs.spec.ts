import { describe, expect, it } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

const root = join(import.meta.dirname, '..', '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

interface Row {
  readonly requirement: string;
  readonly level: string;
  readonly rule: string;
  readonly 'how it is met': string;
  readonly 'test ids': string;
  readonly specs: string;
}

/** Ids at the start of a title, as the closing lines of `npm test` read them. */
function idsOf(text: string): readonly string[] {
  const titles = text.match(/(?<=[\w)]\(\s*['"`])(?:[RS]\d\d?\b[ ,+&]*)+/g) ?? [];
  return [...new Set(titles.flatMap((title) => title.match(/S\d+/g) ?? []))];
}

const words = (text: string) => text.split(' ').filter(Boolean);

/** Rows whose spec is not there, tests nothing, or has no test of an id that is named. */
function broken(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ requirement, specs, 'test ids': ids }) => {
    const texts = words(specs).map((spec) => (existsSync(join(root, spec)) ? read(spec) : ''));
    const known = texts.flatMap(idsOf);
    const problems = [
      ...words(specs).filter((_, index) => !/\bexpect\(/.test(texts[index]!)),
      ...words(ids).filter((id) => !known.includes(id)),
    ];
    if (words(specs).length === 0) problems.push('no spec');
    return problems.map((problem) => `${requirement}: ${problem}`);
  });
}

describe('OWASP ASVS 5.0, traced to tests', () => {
  const rows: readonly Row[] = parse(read('test/acceptance/asvs.csv'), { columns: true });

  it('has forty requirements and more of levels 1 and 2, each once and with how it is met', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40);
    const names = rows.map(({ requirement }) => requirement);
    expect(new Set(names).size).toBe(names.length);
    for (const row of rows) {
      expect(row.requirement).toMatch(/^V([1-9]|1[0-6])\.\d+\.\d+$/);
      expect(['1', '2']).toContain(row.level);
      expect([row.requirement, row.rule, row['how it is met']]).not.toContain('');
    }
  });

  it('names tests that there are', () => {
    expect(broken(rows)).toEqual([]);
  });

  it('has every id of a test of security', () => {
    const specs = globSync('{apps,libs,projections,test}/**/*.spec.ts', { cwd: root });
    const tested = new Set(specs.flatMap((spec) => idsOf(read(spec))));
    const named = new Set(rows.flatMap((row) => words(row['test ids'])));
    expect(tested.size).toBeGreaterThan(20);
    expect([...tested].filter((id) => !named.has(id))).toEqual([]);
  });

  it('would notice a test that is not there', () => {
    const [first] = rows;
    expect(broken([{ ...first!, 'test ids': 'S99' }])).toHaveLength(1);
    expect(broken([{ ...first!, specs: 'test/acceptance/none.spec.ts' }]).length).toBeGreaterThan(
      0,
    );
    expect(broken([{ ...first!, specs: '' }]).length).toBeGreaterThan(0);
  });
});
