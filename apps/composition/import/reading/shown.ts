const MOST = 200;

/**
 * A value as a message shows it, cut to 200 characters. It is a copy: a part of a longer text
 * would keep all of it in memory.
 */
export function shown(value: string): string {
  const text = value.length > MOST ? `${value.slice(0, MOST - 1)}…` : value;
  return Buffer.from(text, 'utf8').toString('utf8');
}
