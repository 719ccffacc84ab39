import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Fault } from '../problems.js';
import type { Encoding } from './types.js';

/** Bytes read at a time. */
export const PIECE = 128 * 1024;

const zip = 'is a workbook or another zip archive and no CSV file';
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['504b0304', zip],
  ['504b0506', zip],
  ['d0cf11e0a1b11ae1', 'is an old Excel workbook and no CSV file'],
  ['255044462d', 'is a PDF document and no CSV file'],
  ['1f8b', 'is a gzip archive and no CSV file'],
];
const saveAsCsv = 'Open it in its program and save it as CSV.';

/** The first bytes of a file. */
export async function headOf(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Where the zero bytes of two-byte characters are: most of a text is Latin. */
export function zeroShares(head: Buffer): { readonly even: number; readonly odd: number } {
  const zeros = [0, 0];
  for (let n = 0; n < head.length; n++) if (head[n] === 0) zeros[n % 2]! += 1;
  const half = Math.max(1, head.length / 2);
  return { even: zeros[0]! / half, odd: zeros[1]! / half };
}

/** Why the file as a whole is no CSV file; undefined if nothing speaks against it. */
export async function faultOfFile(path: string): Promise<Fault | undefined> {
  let size: number;
  try {
    ({ size } = await stat(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { rule: 'file', message: 'is not there', remedy: 'Put it into the folder.' };
  }
  if (size === 0) {
    const remedy = 'Save it again with a heading and rows.';
    return { rule: 'file', message: 'is empty', remedy };
  }
  const head = await headOf(path, 4096);
  const start = head.subarray(0, 8).toString('hex');
  const known = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (known) return { rule: 'file', message: known[1], remedy: saveAsCsv };
  const { even, odd } = zeroShares(head);
  // Zeros on both sides are neither text nor its two-byte form; a single one is a broken cell.
  if (head.length >= 512 && Math.min(even, odd) > 0.05) {
    return { rule: 'file', message: 'is a binary file and no CSV file', remedy: saveAsCsv };
  }
  return undefined;
}

/** A file in pieces of text, each with the share of the file that has been read. */
export async function* textOf(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  // Bytes without a meaning come out as control characters; here they are lost characters too.
  const lost = /[\x81\x8d\x8f\x90\x9d]/g;
  const finish = (text: string) =>
    encoding === 'windows-1252' ? text.replace(lost, '\ufffd') : text;
  for await (const chunk of chunks) yield finish(decoder.decode(chunk, { stream: true }));
  const rest = finish(decoder.decode());
  if (rest !== '') yield rest;
}

/** The bytes of a file, a piece after the other; `passed` is told how many have come. */
export async function* bytesOf(
  path: string,
  passed: (bytes: number) => void,
  piece = PIECE,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: piece })) {
    bytes += (chunk as Buffer).length;
    passed(bytes);
    yield chunk as Buffer;
  }
}
