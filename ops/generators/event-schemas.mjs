// Publishes every new event version: a file with its JSON Schema, personal fields and sample, and a
// line with that sample as a log would hold it. What is published is never rewritten: a change of it
// is refused with what to do instead.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { product } from '../../dist/apps/composition/product.js';
import { breaksOf, publishedOf } from '../../dist/event-schemas/published-gate.js';
import { sealedSample } from '../../dist/libs/platform/event-store/sealed-sample.js';

const root = fileURLToPath(new URL('../../event-schemas/', import.meta.url));
const folder = join(root, 'published');
const sealedFile = join(root, 'sealed-samples.jsonl');
const definitions = new Map(product.events.map((one) => [one.type, one]));

mkdirSync(folder, { recursive: true });
const known = readdirSync(folder).map((file) =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')),
);
const broken = known.flatMap((one) => breaksOf(one, definitions.get(one.type)));
if (broken.length > 0) {
  for (const { message, remedy } of broken) console.error(`${message} ${remedy}`);
  process.exit(1);
}

let written = 0;
for (const definition of product.events) {
  const file = join(folder, `${definition.type}.v${definition.version}.json`);
  if (existsSync(file)) continue;
  writeFileSync(file, `${JSON.stringify(publishedOf(definition), null, 2)}\n`);
  written += 1;
}

const lines = existsSync(sealedFile) ? readFileSync(sealedFile, 'utf8').split('\n') : [];
const sealed = new Set(lines.filter(Boolean).map((line) => JSON.parse(line).name));
for (const file of readdirSync(folder).sort()) {
  const name = file.replace('.json', '');
  if (sealed.has(name)) continue;
  const one = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  appendFileSync(sealedFile, `${JSON.stringify(await sealedSample(name, one))}\n`);
}
console.log(`${written} new event versions published in event-schemas/published`);
