import type { Choice, FieldKind } from './reading/types.js';

/** As much of a JSON Schema as the kind of a field follows from. */
export interface FieldSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: FieldSchema;
  readonly title?: string;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
}

const LONG = 500;

/** The schema without the null that clears a field. */
function plain(schema: FieldSchema): FieldSchema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

/** How the cells of a field are read; undefined for what no cell can say. */
export function kindOf(name: string, given: FieldSchema): FieldKind | undefined {
  const schema = plain(given);
  if (schema.title === 'Money') return 'money';
  if (schema.enum) return 'choice';
  switch (schema.type) {
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return name === 'tags' ? 'tags' : undefined;
    case 'string':
      return kindOfText(name, schema);
    default:
      return undefined;
  }
}
kindOf.plain = plain;

function kindOfText(name: string, { format, pattern, maxLength }: FieldSchema) {
  switch (format) {
    case 'uuid':
      return undefined;
    case 'date':
      return 'date';
    case 'date-time':
      return 'instant';
    case 'email':
      return 'email';
    case undefined:
      break;
  }
  if (pattern?.startsWith('^https?')) return 'url';
  if (/^(phone|mobile|fax)$/i.test(name)) return 'phone';
  return maxLength === undefined || maxLength > LONG ? 'longText' : 'text';
}

/** The values a field may have, with words for people. */
export function choicesOf(schema: FieldSchema): readonly Choice[] | undefined {
  const values = plain(schema).enum as readonly string[] | undefined;
  return values?.map((value) => ({ value, title: titleOf(value) }));
}

/** `employeeCount`, `in_progress`: `Employee count`, `In progress`. */
export function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter}`);
  const text = words.trim().toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
