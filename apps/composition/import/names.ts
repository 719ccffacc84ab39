import type { Values } from './load.js';

/** First and last name of a full one: `Ada Lovelace`, or `Lovelace, Ada`. */
export function namesOf(text: string): { readonly firstName: string; readonly lastName: string } {
  const [last, first] = text.split(',').map((part) => part.trim());
  if (first) return { firstName: first, lastName: last! };
  const words = text.trim().split(/\s+/);
  const lastName = words.length > 1 ? words.pop()! : words[0]!;
  return { firstName: words.join(' '), lastName };
}

/** The fields of a new record that is known by one of them only. */
export function valuesNamed(by: string, text: string): Values {
  return by === 'fullName' ? { ...namesOf(text) } : { [by]: text };
}
