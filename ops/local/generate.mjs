// `npm run generate -- <name> …`: runs one of the generators in ops/generators.
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { main, node24, root, run, say } from './shell.mjs';

const generators = {
  command: 'a command with its event, projection and specs',
  'event-schemas': 'the published schema of every new event version',
  sdl: 'the GraphQL schema as a file',
  'graphql-client': 'the typed documents of the admin pages',
  'env-example': '.env.example from the declared settings',
  'access-matrix': 'who may do what, for review: test/acceptance/matrix/golden.csv',
};

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (!Object.hasOwn(generators, name ?? '')) {
    say('usage: npm run generate -- <name> [arguments]');
    for (const [known, what] of Object.entries(generators)) say(`  ${known}: ${what}`);
    return 1;
  }
  await prepare({ parts: ['backend'], quiet: true });
  const file = join(root, 'ops', 'generators', `${name}.mjs`);
  const { code } = await run(node24(), [file, ...args], { inherit: true });
  return code;
});
