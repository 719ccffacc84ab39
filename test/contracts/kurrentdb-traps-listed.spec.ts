import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

it('each trap that docs/kurrentdb.md lists names a spec that is there', () => {
  const page = readFileSync(join('docs', 'kurrentdb.md'), 'utf8');
  const rows = [...page.matchAll(/^\| .+? +\| (\S+\.spec\.ts) +\| (.+?) +\|$/gm)];
  expect(rows.length).toBeGreaterThanOrEqual(29);
  const missing = rows.filter(([, file, title]) => {
    const path = file!.includes('/') ? file! : join('test', 'contracts', file!);
    const text = readFileSync(path, 'utf8');
    return !text.includes(`'${title}'`);
  });
  expect(missing.map(([row]) => row)).toEqual([]);
});
