import type { TSchema } from '#kernel/fields';

/** A declared schema as the generator reads it: plain JSON Schema. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly title?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
}

const INT = 2 ** 31 - 1;
const NAME = /^[A-Za-z]\w*$/;

export function pascal(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
export function camel(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}
/** `lineItems` → LineItem, `companies` → Company. */
function singular(name: string): string {
  return pascal(name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.replace(/s$/, ''));
}

/** The schema without its null branch, and whether it had one. */
export function withoutNull(given: TSchema | JsonSchema): {
  readonly schema: JsonSchema;
  readonly nullable: boolean;
} {
  const schema = given as JsonSchema;
  const options = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (!options || options.length !== 1) return { schema, nullable: false };
  const description = schema.description ?? options[0]!.description;
  return { schema: { ...options[0], ...(description ? { description } : {}) }, nullable: true };
}

/** A description as SDL, or nothing. */
export function described(text: string | undefined, indent = ''): string {
  return text ? `${indent}${JSON.stringify(text)}\n` : '';
}

/** One line of a type: its description, name with arguments, and type. */
export function line(name: string, type: string, description?: string): string {
  return `${described(description, '  ')}  ${name}: ${type}`;
}

/** Where a value stands: in which record, inside which type, for rows or for inputs. */
export interface Place {
  readonly use: 'output' | 'input';
  readonly record: string;
  /** Begins the names of types without a title of their own. */
  readonly prefix: string;
  /** Begins the name of a choice that differs from the record's own, such as fewer values. */
  readonly otherwise?: string;
}

/**
 * Collects the types a schema needs. A name stands for one shape only: a second shape under the
 * same name is a contradiction of the declarations and stops the start.
 */
export class TypeWriter {
  private readonly blocks = new Map<string, string>();
  private readonly enums = new Map<string, string>();

  /** Every type, in the order in which it was first needed. */
  get sdl(): string {
    return [...this.blocks.values()].join('\n\n');
  }

  has(name: string): boolean {
    return this.blocks.has(name);
  }

  define(
    kind: 'type' | 'input' | 'enum',
    name: string,
    lines: readonly string[],
    rest = '',
  ): string {
    const separator = rest ? `${rest} ` : '';
    return this.add(name, `${kind} ${name} ${separator}{\n${lines.join('\n')}\n}`);
  }

  /** Gives a defined type its description. */
  describe(name: string, description: string): void {
    this.blocks.set(name, `${described(description)}${this.blocks.get(name)}`);
  }

  add(name: string, block: string): string {
    const known = this.blocks.get(name);
    if (known !== undefined && known !== block) {
      throw new Error(`GraphQL: ${name} would have two shapes; give one of them another title`);
    }
    this.blocks.set(name, block);
    return name;
  }

  /** The type of a value, for output or input; without the `!` of a required one. */
  typeOf(given: TSchema | JsonSchema, place: Place, field: string): string {
    const { schema } = withoutNull(given);
    if (schema.enum) return this.enumOf(schema.enum, place, field);
    switch (schema.type) {
      case 'string':
        return (
          { uuid: 'ID', date: 'Date', 'date-time': 'DateTime' }[schema.format ?? ''] ?? 'String'
        );
      case 'integer':
        return fitsInt(schema) ? 'Int' : 'BigInt';
      case 'number':
        return 'Float';
      case 'boolean':
        return 'Boolean';
      case 'array':
        return schema.items ? `[${this.typeOf(schema.items, place, singular(field))}!]` : '[JSON!]';
      case 'object':
        return schema.properties ? this.objectOf(schema, place, field) : 'JSON';
      default:
        return 'JSON';
    }
  }

  /** The values as an enum; text where one of them is no name, such as a range `1-10`. */
  private enumOf(values: readonly string[], place: Place, field: string): string {
    const { record, prefix, otherwise = prefix } = place;
    if (!values.every((value) => NAME.test(value) && !/^(true|false|null)$/.test(value))) {
      return 'String';
    }
    // The same choice of the same record has one name in rows, filters and inputs.
    const key = [record, pascal(field), ...[...values].sort()].join();
    const known = this.enums.get(key);
    if (known) return known;
    const own = pascal(field);
    const usual = own.startsWith(prefix) ? own : `${prefix}${own}`;
    const name = this.has(usual) ? `${otherwise}${own}` : usual;
    this.enums.set(key, name);
    const lines = values.map((value) => `  ${value}`);
    return this.define('enum', name, lines);
  }

  private objectOf(schema: JsonSchema, place: Place, field: string): string {
    const title = pascal(schema.title ?? `${place.prefix}${singular(field)}`);
    const plain = title.replace(/Input$/, '');
    const name = place.use === 'input' ? `${plain}Input` : title;
    const lines = Object.entries(schema.properties!).map(([property, given]) => {
      const type = this.typeOf(given, { ...place, prefix: plain }, property);
      const { nullable, schema: inner } = withoutNull(given);
      const required = schema.required?.includes(property) && !nullable;
      return line(property, `${type}${required ? '!' : ''}`, inner.description);
    });
    return this.define(place.use === 'input' ? 'input' : 'type', name, lines);
  }
}

function fitsInt({ minimum, maximum }: JsonSchema): boolean {
  return minimum !== undefined && minimum >= -INT && maximum !== undefined && maximum <= INT;
}
