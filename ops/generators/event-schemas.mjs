// Publishes every event version as a file: its JSON Schema, personal fields and frozen sample.
// Existing files are never rewritten: a changed shape is a new version.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { product } from '../../dist/apps/composition/product.js';

const folder = fileURLToPath(new URL('../../event-schemas/published/', import.meta.url));
mkdirSync(folder, { recursive: true });
let written = 0;
for (const { type, version, schema, subject, personal, action, samples } of product.events) {
  const file = join(folder, `${type}.v${version}.json`);
  if (existsSync(file)) continue;
  const published = { type, version, action, subject, personal, schema, sample: samples[version] };
  writeFileSync(file, `${JSON.stringify(published, null, 2)}\n`);
  written += 1;
}
console.log(`${written} new event versions published in event-schemas/published`);
