import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { failpoints } from '#platform/failpoints';
import { sagaBoundaries } from '#platform/sagas/steps';

const root = join(import.meta.dirname, '..', '..');

function textOf(folders: readonly string[], isWanted: (file: string) => boolean): string {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && isWanted(file))
        .map((file) => readFileSync(join(root, folder, file), 'utf8')),
    )
    .join('\n');
}

describe('the list of failpoints', () => {
  it('is what the sources pass', () => {
    const sources = textOf(['libs', 'apps'], (file) => !file.endsWith('.spec.ts'));
    const named = [...sources.matchAll(/\bfailpoint\('(\w+)'\)/g)].map((match) => match[1]!);
    // Sagas make theirs of the boundaries they tell a test of as well.
    const ofSagas = sagaBoundaries.map((boundary) => `saga_${boundary}`);
    expect([...new Set([...named, ...ofSagas])].sort()).toEqual([...failpoints].sort());
  });

  it('has none that no test of faults names', () => {
    const own = 'failpoints.spec.ts';
    const tests = textOf(['test/faults', 'test/acceptance'], (file) => !file.endsWith(own));
    expect(failpoints.filter((name) => !new RegExp(`\\b${name}\\b`).test(tests))).toEqual([]);
  });
});
