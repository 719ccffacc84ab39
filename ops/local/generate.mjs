// `npm run generate -- <name> …`: runs one of the generators in ops/generators.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { Advice, main, node24, root, run } from './shell.mjs';

const folder = join(root, 'ops', 'generators');

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  const known = existsSync(folder) ? readdirSync(folder) : [];
  const names = known.filter((file) => file.endsWith('.mjs')).map((file) => file.slice(0, -4));
  if (!name || !names.includes(name)) {
    throw new Advice(`usage: npm run generate -- <${names.join(' | ')}> [arguments]`);
  }
  await prepare({ parts: ['backend'], quiet: true });
  const { code } = await run(node24(), [join(folder, `${name}.mjs`), ...args], { inherit: true });
  return code;
});
