/** A value that JSON text cannot hold in the log. */
export class CanonicalJsonError extends Error {}

/** Printable ASCII without quotes and backslashes: its JSON is the text itself. */
const PLAIN = /^[ !#-[\]-~]*$/;

function textJson(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (value.includes('\u0000')) {
    throw new CanonicalJsonError('Text may not contain the NUL character.');
  }
  if (!value.isWellFormed()) {
    throw new CanonicalJsonError('Text may not contain half of a surrogate pair.');
  }
  return JSON.stringify(value);
}

// Written out rather than mapped: every event, command and answer comes through here.
function objectJson(value: Readonly<Record<string, unknown>>): string {
  let text = '{';
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item === undefined) continue;
    text += `${text === '{' ? '' : ','}${textJson(key)}:${canonicalJson(item)}`;
  }
  return `${text}}`;
}

/**
 * Canonical JSON text (RFC 8785): keys sorted by UTF-16 code units, ECMAScript numbers, no spaces.
 * Refuses NUL, lone surrogates and numbers that are not finite; leaves out undefined properties.
 */
export function canonicalJson(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return textJson(value);
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalJsonError(`${value} is no JSON number.`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      // Not `map`, which passes over holes.
      if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`;
      if (value instanceof Date) return JSON.stringify(value.toISOString());
      return objectJson(value as Readonly<Record<string, unknown>>);
    default:
      throw new CanonicalJsonError(`A ${typeof value} is no JSON value.`);
  }
}
