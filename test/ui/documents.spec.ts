import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate, type GraphQLSchema } from 'graphql';
import { validationRules } from '#apps/api/graphql/limits';

const root = join(import.meta.dirname, '..', '..');
const pages = join(root, 'frontend', 'src', 'app', 'records');

/** The admin builds the documents of lists and records from its declared tables. */
describe('documents made from declared types', () => {
  let schema: GraphQLSchema;
  let types: readonly any[];
  let make: any;
  beforeAll(async () => {
    const text = readFileSync(join(root, 'apps', 'api', 'graphql', 'schema.graphql'), 'utf8');
    schema = buildSchema(text);
    make = await import(join(pages, 'selection.ts'));
    const { recordTypes } = await import(join(pages, 'registry.ts'));
    const { note } = await import(join(pages, 'types', 'note.ts'));
    const { pipeline } = await import(join(pages, 'types', 'pipeline.ts'));
    types = [...recordTypes, note, pipeline];
  });

  const problems = (document: string) => {
    const parsed = parse(document);
    const limits = validationRules(true);
    const found = [...validate(schema, parsed), ...validate(schema, parsed, limits)];
    return found.map(({ message }) => message);
  };

  it('are valid, and within the limits with every column shown', () => {
    for (const type of types) {
      const all = type.fields.map(({ name }: { name: string }) => name);
      expect(problems(make.pageDocument(type, make.selectionOf(type, all)))).toEqual([]);
      expect(problems(make.recordDocument(type, make.wholeSelection(type)))).toEqual([]);
    }
  });

  it('are valid for every command of a type', () => {
    for (const type of types) {
      const name = type.record[0].toUpperCase() + type.record.slice(1);
      const [plain, filled] = [
        { hasId: true, hasInput: false },
        { hasId: true, hasInput: true },
      ];
      const commands = [
        [`create${name}`, { hasId: false, hasInput: true }],
        [`change${name}`, filled],
        ...(type.life ? ['archive', 'restore', 'delete'].map((c) => [`${c}${name}`, plain]) : []),
        ...type.steps.map(({ command, input }: any) => [command, input ? filled : plain]),
      ];
      for (const [command, shape] of commands) {
        expect(problems(make.commandDocument(type, command, shape))).toEqual([]);
      }
    }
  });
});
