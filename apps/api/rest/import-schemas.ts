import { startInput } from '#apps/composition/import/imports';
import type { JsonSchema, Parameter } from './endpoint.js';
import { count, listOf, maybe, objectOf, plain, text, uuid } from './schemas.js';

const share: JsonSchema = { type: 'number', minimum: 0, maximum: 1 };
const choices = listOf(objectOf({ value: text, title: text }));

/** An uploaded file as it is answered. */
export const importFileSchema: JsonSchema = objectOf({
  id: uuid,
  name: text,
  bytes: count,
  type: { ...text, description: 'What the rows are: contacts.' },
  dialect: objectOf({
    encoding: { type: 'string', enum: ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] },
    delimiter: { type: 'string', enum: [',', ';', '\t', '|'] },
    header: { const: true },
  }),
  rowsEstimate: count,
  columns: listOf(
    objectOf({
      name: text,
      samples: { ...listOf(text), maxItems: 5 },
      filled: { ...share, description: 'Share of the first rows that have a value.' },
      guess: objectOf({ field: maybe(text), format: maybe(text) }),
      formats: { ...listOf(text), description: 'Ways in which its values can be read.' },
    }),
  ),
  fields: listOf(
    objectOf(
      {
        name: text,
        title: text,
        kind: text,
        required: { type: 'boolean' },
        choices,
        lookup: objectOf({ type: text, by: listOf(text) }),
      },
      ['name', 'title', 'kind', 'required'],
    ),
  ),
  keyGuess: listOf(text),
});

const { properties } = plain(startInput) as { properties: Record<string, JsonSchema> };

/** The JSON body of an import. */
export const startBody: JsonSchema = objectOf({ fileId: uuid, ...properties }, ['fileId']);

export const nameParameter: Parameter = {
  name: 'name',
  description: 'Name of the file, as messages call it.',
  schema: { type: 'string', maxLength: 255, default: 'file.csv' },
};

/** How a file is read where what was found in it is wrong. */
export const dialectParameters: readonly Parameter[] = [
  {
    name: 'encoding',
    description: 'Read it in this encoding; as it was found when left out.',
    schema: { type: 'string', enum: ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] },
  },
  {
    name: 'delimiter',
    description: 'Read it with this delimiter; as it was found when left out.',
    schema: { type: 'string', enum: [',', ';', '\t', '|'] },
  },
];

/** Options beside a file as the body. */
export const startParameters: readonly Parameter[] = [
  {
    name: 'dryRun',
    description: 'Decides everything and changes nothing; with a file as the body.',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'key',
    description: 'Fields a record is recognised by, separated by commas; with a file as the body.',
    schema: text,
  },
  {
    name: 'currency',
    description: 'Of amounts that name none; with a file as the body.',
    schema: { type: 'string', pattern: '^[A-Z]{3}$' },
  },
];
