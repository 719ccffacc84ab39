import type { TObject, TSchema } from '#kernel/fields';
import { validate } from '#platform/commands/validation';
import { RefusedError, UsageError } from './command.js';

type Given = Record<string, unknown>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Every path a settings schema has, as `followUp.afterDays`. */
function pathsOf(schema: TSchema, prefix = ''): string[] {
  const { properties } = schema as { readonly properties?: Readonly<Record<string, TSchema>> };
  if (!properties) return [prefix.slice(0, -1)];
  return Object.entries(properties).flatMap(([name, one]) => pathsOf(one, `${prefix}${name}.`));
}

/**
 * Settings from `key=value,key=value`, where a key may be a path and a value is JSON or text. Refuses
 * what the schema does not know.
 */
export function settingsGiven(text: string, schema: TObject): Given {
  const set: Given = {};
  const known = pathsOf(schema);
  // A comma inside a list separates its items, not two settings.
  for (const part of text.split(/,(?=[A-Za-z.]+=)/).filter(Boolean)) {
    const [key, ...value] = part.split('=');
    if (!key || value.length === 0 || !known.includes(key)) {
      throw new UsageError(`--set takes KEY=VALUE, not ${part}. Keys: ${known.join(', ')}.`);
    }
    const names = key.split('.');
    let at = set;
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Given;
    at[names.at(-1)!] = parsed(value.join('='));
  }
  const invalid = validate(schema, set);
  if (invalid) throw new RefusedError(invalid);
  return set;
}
