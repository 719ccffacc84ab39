import { stat } from 'node:fs/promises';
import { headOf } from './reading/source.js';

const HEAD = 256 * 1024;
const FEED = 10;

/** Rows of a CSV file: its lines as far as 256 KB go, carried on to its size. */
export async function rowsOf(path: string): Promise<number> {
  const [head, { size }] = await Promise.all([headOf(path, HEAD), stat(path)]);
  let lines = 0;
  for (const byte of head) if (byte === FEED) lines += 1;
  if (head.length > 0 && head.length === size && head.at(-1) !== FEED) lines += 1;
  return Math.max(0, Math.round((lines * size) / Math.max(1, head.length)) - 1);
}
