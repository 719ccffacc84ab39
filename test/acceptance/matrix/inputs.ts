import type { AnyCommand } from '#kernel/command';
import type { Endpoint } from '#apps/api/rest/endpoint';
import { uuidv7 } from '#kernel/ids';
import type { Registry } from '#platform/commands/registry';

// JSON Schema, of which only the parts below matter here.
type Schema = any;

/** Values of fields whose rules no schema says. */
const VALUES: Readonly<Record<string, string>> = {
  timeZone: 'UTC',
  locale: 'en',
  opensAt: '08:00',
  closesAt: '17:00',
  currency: 'USD',
  amountMinor: '100',
};

function textOf({ format, pattern, examples }: Schema, name: string): string {
  if (VALUES[name]) return VALUES[name];
  if (format === 'uuid') return uuidv7();
  if (format === 'email') return `${uuidv7().slice(-12)}@hooli.com`;
  if (format === 'date') return '2026-03-01';
  if (format === 'date-time') return '2026-03-01T09:30:00Z';
  // Names of some records are unique.
  if (name === 'name') return `Name ${uuidv7().slice(-12)}`;
  if (examples?.length) return String(examples[0]);
  return pattern?.includes('http') ? 'https://hooli.com' : 'text';
}

/** The least a value needs that fits a schema: required fields only. */
export function least(schema: Schema, name = ''): unknown {
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return least(options[0], name);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((one: string) => [one, least(schema.properties[one], one)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => least(schema.items, name));
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    default:
      return textOf(schema, name);
  }
}

/** The command an endpoint dispatches with its body as input. */
export function commandOf(endpoint: Endpoint, registry: Registry): AnyCommand | undefined {
  const [name] = endpoint.operation.split('_of_');
  const found = registry.commands.get(name!);
  if (found) return found;
  const named = /(\w+)Input$/.exec(String(endpoint.body?.['$ref'] ?? ''))?.[1];
  return named ? registry.commands.get(named) : undefined;
}

/** The names of the parameters of a path. */
export function parametersOf(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
}

/** A body that an endpoint takes as far as its form goes; undefined where it has none. */
export function bodyOf(
  endpoint: Endpoint,
  registry: Registry,
): Record<string, unknown> | undefined {
  const schema: Schema = commandOf(endpoint, registry)?.input ?? endpoint.body;
  if (!schema) return undefined;
  const resolved = schema.$ref ? {} : least(schema);
  const named = parametersOf(endpoint.path);
  return Object.fromEntries(
    Object.entries(resolved as object).filter(([name]) => !named.includes(name)),
  );
}

/** The path with this record for `:id`, and ids nobody has for the rest. */
export function pathOf({ path }: Pick<Endpoint, 'path'>, id: string): string {
  return path.replaceAll(/:(\w+)/g, (_whole, name: string) => {
    if (name === 'id' || name === 'entityId') return id;
    return name === 'entityType' ? 'companies' : uuidv7();
  });
}
