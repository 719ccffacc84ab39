// The tool checks. `npm run lint` and `npm run typecheck` run some, `npm test` runs all.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { Advice, main, node24, root, run, say, tail } from './shell.mjs';

const bin = (...path) => join('node_modules', ...path);

export const checks = {
  format: [[bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']],
  lint: [[bin('eslint', 'bin', 'eslint.js'), '--cache', '--cache-location', '.cache/eslint/', '.']],
  rooms: [
    [
      bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
      ...['--config', '.dependency-cruiser.mjs', '--output-type', 'err'],
      ...['apps', 'libs', 'event-schemas', 'projections', 'ops', 'test', 'frontend/src'],
    ],
  ],
  types: [
    [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'],
    [bin('@angular', 'compiler-cli', 'bundles', 'src', 'bin', 'ngc.js'), '-p', 'frontend'],
  ],
  packages: [['ops/local/packages.mjs']],
  // What is generated and committed must be in step with what it is generated from.
  generated: [
    ['ops/generators/sdl.mjs', '--check'],
    ['ops/generators/graphql-client.mjs', '--check'],
  ],
};

/** Runs one check; resolves with what it printed when it failed, else with nothing. */
export async function complaintOf(name) {
  for (const args of checks[name]) {
    const { code, output } = await run(node24(), args, { cwd: root });
    if (code !== 0) return tail(output, 200) || `exit code ${code}`;
  }
  return undefined;
}

/** Runs the named checks, prints their complaints and returns an exit code. */
export async function check(names) {
  let failed = 0;
  for (const name of names) {
    if (!checks[name]) throw new Advice(`checks: ${Object.keys(checks).join(', ')}`);
    const complaint = await complaintOf(name);
    say(complaint ? `${complaint}\n${name}: failed` : `${name}: ok`);
    if (complaint) failed += 1;
  }
  return failed ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const names = process.argv.slice(2);
    await prepare({ parts: names.includes('generated') ? ['backend'] : [], quiet: true });
    return check(names);
  });
}
