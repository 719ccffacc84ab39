import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Compile } from 'typebox/compile';
import { product } from '#apps/composition/product';
import { breaksOf, type PublishedEvent } from '#event-schemas/published-gate';
import { openSealedSample, type SealedSample } from '#platform/event-store/sealed-sample';

const root = new URL('../../event-schemas/', import.meta.url);
const folder = new URL('published/', root);
const published = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as PublishedEvent,
);
const sealed = readFileSync(new URL('sealed-samples.jsonl', root), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as SealedSample);
const definitions = new Map(product.events.map((one) => [one.type, one]));
const nameOf = ({ type, version }: { readonly type: string; readonly version: number }) =>
  `${type}.v${version}`;

describe('published events', () => {
  it('every event version and its sealed sample is published (npm run generate -- event-schemas)', () => {
    const files = new Set(published.map(nameOf));
    expect(product.events.map(nameOf).filter((name) => !files.has(name))).toEqual([]);
    expect(sealed.map(({ name }) => name).sort()).toEqual([...files].sort());
  });

  it('no published version was changed', () => {
    const broken = published.flatMap((one) => breaksOf(one, definitions.get(one.type)));
    expect(broken.map(({ message, remedy }) => `${message} ${remedy}`)).toEqual([]);
  });

  it('every sealed sample still opens and decodes to the present shape', async () => {
    const byName = new Map(published.map((one) => [nameOf(one), one]));
    for (const one of sealed) {
      const before = byName.get(one.name)!;
      const now = definitions.get(before.type)!;
      for (const field of before.personal) {
        const value = before.sample[field];
        if (typeof value === 'string') expect(one.event.data).not.toContain(value);
      }
      expect(one.event.meta).not.toContain('192.0.2.1');
      const validator = Compile(now.schema);
      for (const decoded of await openSealedSample(one, [now])) {
        expect([one.name, validator.Errors(decoded.data)]).toEqual([one.name, []]);
        expect(decoded.meta.ip).toBe('192.0.2.1');
        if (now.version === before.version) expect(decoded.data).toEqual(before.sample);
      }
    }
  });
});
