// `npm run test:web`: the specs of the admin pages, in Vitest under ng.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';
import { main, node24, root, run } from './shell.mjs';

/** Runs the specs of the admin pages; further arguments are those of `ng test`. */
export function webTests(args, options) {
  const ng = join(root, 'node_modules', '@angular', 'cli', 'bin', 'ng.js');
  const env = { NG_CLI_ANALYTICS: 'false', CI: '1' };
  const cwd = join(root, 'frontend');
  const all = [ng, 'test', '--watch=false', '--progress=false', ...args];
  return run(node24(), all, { ...options, cwd, env });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    await prepare({ parts: [], quiet: true });
    const { code } = await webTests(process.argv.slice(2), { inherit: true });
    return code;
  });
}
