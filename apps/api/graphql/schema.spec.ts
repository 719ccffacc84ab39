import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, printSchema, validateSchema } from 'graphql';
import { product } from '#apps/composition/product';
import { choice, list, nullable, object, text } from '#kernel/fields';
import { Registry } from '#platform/commands/registry';
import { graphqlSchema, publishedSchema } from './schema.js';
import { offeredCommands } from './sdl-commands.js';
import { camel, TypeWriter } from './sdl-types.js';

const registry = new Registry(product);
const schema = graphqlSchema(registry);
const place = { use: 'output', record: 'Deal', prefix: 'Deal' } as const;

describe('the GraphQL schema', () => {
  it('is valid and the same at every start', () => {
    expect(validateSchema(schema)).toEqual([]);
    expect(publishedSchema(new Registry(product))).toBe(publishedSchema(registry));
  });

  it('is the one that is published', () => {
    const file = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');
    const inStep = printSchema(buildSchema(file)) === printSchema(schema);
    const advice = 'update the file with: npm run generate -- sdl';
    expect({ inStep, advice }).toEqual({ inStep: true, advice });
  });

  it('has a mutation for every command but those of the product itself', () => {
    const mutations = Object.values(schema.getMutationType()!.getFields());
    // Jobs and dead letters are no records, and what is done to them is no command; a setting
    // has a command at each level.
    const operations = ['JobResult!', 'FreedDeadLetterResult!', 'ChangeSettingResult!'];
    const names = mutations.flatMap(({ name, type }) =>
      operations.includes(String(type)) ? [] : name,
    );
    expect(names).toEqual(offeredCommands(registry).map(({ name }) => camel(name)));
    expect(names).not.toContain('recordSignIn');
  });

  it('has a list and a single record for every read model but the workspace', () => {
    const fields = schema.getQueryType()!.getFields();
    for (const { name, record } of registry.readModels.values()) {
      const shown = name !== 'tenants';
      expect([name, name in fields, record in fields]).toEqual([name, shown, shown]);
    }
  });

  it('names an enum once, and shows values that are no names as text', () => {
    const types = new TypeWriter();
    const kind = choice(['open', 'won']);
    expect(types.typeOf(nullable(kind), place, 'kind')).toBe('DealKind');
    expect(types.typeOf(list(kind), { ...place, prefix: 'Stage' }, 'kinds')).toBe('[DealKind!]');
    expect(types.typeOf(choice(['1-10', '500+']), place, 'size')).toBe('String');
    const fewer = { ...place, otherwise: 'CreateDeal' };
    expect(types.typeOf(choice(['open']), fewer, 'kind')).toBe('CreateDealKind');
  });

  it('refuses two shapes under one name', () => {
    const types = new TypeWriter();
    const one = object({ a: text(9) }, { title: 'Thing' });
    expect(types.typeOf(one, place, 'thing')).toBe('Thing');
    expect(types.typeOf(one, place, 'other')).toBe('Thing');
    const another = object({ b: text(9) }, { title: 'Thing' });
    expect(() => types.typeOf(another, place, 'thing')).toThrow('two shapes');
  });
});
