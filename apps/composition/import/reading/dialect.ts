import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { Records } from './records.js';
import { isSeparatorLine } from './rows.js';
import { headOf, PIECE, zeroShares } from './source.js';
import type { Delimiter, Dialect, Encoding } from './types.js';

/** In the order of liking where a file fits several. */
const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];
const HEAD = 256 * 1024;
const RECORDS_JUDGED = 200;
const MAX_CELL = 100_000;

/** How a file is written, from its byte order mark or its first 256 KB. */
export async function sniff(path: string): Promise<Dialect> {
  const head = await headOf(path, HEAD);
  const encoding = encodingOfHead(head) ?? encodingOfText(await firstBeyondAscii(path, head));
  const text = new TextDecoder(encoding).decode(head);
  return { encoding, delimiter: delimiterOf(text, head.length < HEAD), header: true };
}

/** What the byte order mark or the zero bytes of two-byte characters say. */
function encodingOfHead(head: Buffer): Encoding | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const { even, odd } = zeroShares(head);
  if (odd > 0.4 && even < 0.05) return 'utf-16le';
  if (even > 0.4 && odd < 0.05) return 'utf-16be';
  return undefined;
}

/** The first piece of the file that tells encodings apart; the head where all is ASCII. */
async function firstBeyondAscii(path: string, head: Buffer): Promise<Buffer> {
  if (head.length < HEAD || !isAscii(head)) return head;
  for await (const chunk of createReadStream(path, { start: head.length, highWaterMark: PIECE })) {
    if (!isAscii(chunk as Buffer)) return chunk as Buffer;
  }
  return head;
}

/**
 * UTF-8 if the bytes are that. Text in a one-byte encoding hardly ever looks like it, so a file
 * with more good than bad sequences is UTF-8 with damaged cells.
 */
function encodingOfText(bytes: Buffer): Encoding {
  if (isUtf8(bytes)) return 'utf-8';
  // The ends may cut a character.
  const text = new TextDecoder('utf-8').decode(bytes).replace(/^\ufffd{1,3}|\ufffd{1,3}$/g, '');
  const bad = text.match(/\ufffd/g)?.length ?? 0;
  const good = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  return good > bad || (good === 0 && bad === 0 && bytes.length >= PIECE)
    ? 'utf-8'
    : 'windows-1252';
}

/** The delimiter that gives most records the cells of the heading, and most cells. */
export function delimiterOf(text: string, whole: boolean): Delimiter {
  const named = /^\ufeff?"?sep=([,;\t|])/i.exec(text)?.[1] as Delimiter | undefined;
  if (named) return named;
  let best: Delimiter = ',';
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const points = pointsOf(text, delimiter, whole);
    if (points > most) [best, most] = [delimiter, points];
  }
  return best;
}

function pointsOf(text: string, delimiter: Delimiter, whole: boolean): number {
  const records = new Records(delimiter, MAX_CELL);
  records.add(text);
  if (whole) records.end();
  let width = 0;
  let alike = 0;
  let count = 0;
  for (let record = records.next(); record; record = records.next()) {
    if (isSeparatorLine(record.cells)) continue;
    if (width === 0) {
      width = records.width = record.cells.length;
      if (width < 2) return 0;
    } else {
      if (record.cells.length === width && !record.broken) alike += 1;
      count += 1;
    }
    if (count === RECORDS_JUDGED) break;
  }
  // Among delimiters that fit alike, the one with more columns is meant.
  return (count === 0 ? 1 : alike / count + 0.01) + width / 10_000;
}
