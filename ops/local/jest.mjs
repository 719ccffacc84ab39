// `npm run test:unit|int|e2e|ui -- [jest options]`: the specs of one kind, by their file name.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from './chromium.mjs';
import { lemonLdap, pysaml2, simpleSamlPhp } from './identity-providers.mjs';
import { pgbouncer } from './pgbouncer.mjs';
import { prepare } from './prepare.mjs';
import { redisServer } from './redis.mjs';
import { samlCorpora } from './saml-corpora.mjs';
import { scim2Tester } from './scim2-tester.mjs';
import { Advice, main, node24, root, run } from './shell.mjs';

export const kinds = ['unit', 'int', 'e2e', 'ui', 'fault'];

// The server for specs is started by built code, and a browser needs built pages.
const partsOf = {
  unit: [],
  int: ['backend'],
  e2e: ['backend', 'web'],
  ui: ['backend', 'web'],
  fault: ['backend'],
};

/** Runs the specs of one kind; further arguments are Jest's. */
export async function jest(kind, args, options) {
  const flags = ['--experimental-vm-modules', '--no-warnings', '--max-old-space-size=2048'];
  const bin = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const env = { CLIENTFORGE_TEST_KIND: kind, NODE_ENV: 'test' };
  if (kind === 'ui' && hasUiSpecs()) env.CLIENTFORGE_CHROMIUM = (await chromium()) ?? '';
  if (kind === 'int') {
    env.CLIENTFORGE_REDIS = (await redisServer()) ?? '';
    env.CLIENTFORGE_PGBOUNCER = (await pgbouncer()) ?? '';
  }
  if (kind === 'unit') env.CLIENTFORGE_SAML_CORPORA = (await samlCorpora()) ?? '';
  if (kind === 'e2e') {
    env.CLIENTFORGE_PYSAML2 = (await pysaml2()) ?? '';
    env.CLIENTFORGE_LEMONLDAP = (await lemonLdap()) ?? '';
  }
  if (kind === 'e2e' || kind === 'ui') {
    env.CLIENTFORGE_SIMPLESAMLPHP = (await simpleSamlPhp()) ?? '';
  }
  if (kind === 'e2e') env.CLIENTFORGE_SCIM2_TESTER = (await scim2Tester()) ?? '';
  const all = [...flags, bin, '--passWithNoTests', ...args];
  return run(node24(), all, { ...options, env });
}

// Nobody gets a browser installed for specs that are not there.
function hasUiSpecs() {
  const found = readdirSync(join(root, 'test'), { recursive: true });
  return found.some((file) => file.endsWith('.ui.spec.ts'));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => {
    const [kind, ...args] = process.argv.slice(2);
    if (!kinds.includes(kind)) throw new Advice(`kinds: ${kinds.join(', ')}`);
    await prepare({ parts: partsOf[kind], quiet: true });
    const { code } = await jest(kind, args, { inherit: true });
    return code;
  });
}
