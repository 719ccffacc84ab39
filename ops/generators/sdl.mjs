// Writes apps/api/graphql/schema.graphql from the declared commands and read models.
// `--check` only says whether the file is in step.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { product } from '../../dist/apps/composition/product.js';
import { publishedSchema } from '../../dist/apps/api/graphql/schema.js';
import { Registry } from '../../dist/libs/platform/commands/registry.js';

const target = join(import.meta.dirname, '..', '..', 'apps', 'api', 'graphql', 'schema.graphql');
const options = { ...(await resolveConfig(target)), parser: 'graphql' };
const content = await format(publishedSchema(new Registry(product)), options);

if (!process.argv.includes('--check')) {
  writeFileSync(target, content);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== content) {
  process.stderr.write('schema.graphql is not in step: npm run generate -- sdl\n');
  process.exitCode = 1;
}
