import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inPieces } from './reading.given.js';
import type { Delimiter, Encoding } from './types.js';

const delimiters = fc.constantFrom<Delimiter[]>(',', ';', '\t', '|');
const encodings = fc.constantFrom<Encoding[]>('utf-8', 'utf-16le', 'utf-16be', 'windows-1252');
const cell = fc
  .array(fc.constantFrom(...'ab1 ,;\t|"\'\n\r=éß€'.split(''), '\r\n', '""', 'word', ' '), {
    maxLength: 8,
  })
  .map((parts) => parts.join('').trim());
const table = fc.integer({ min: 2, max: 5 }).chain((width) =>
  fc.record({
    names: fc.uniqueArray(fc.stringMatching(/^[a-zé]{1,8}$/), {
      minLength: width,
      maxLength: width,
    }),
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 8,
    }),
  }),
);

function encode(text: string, encoding: Encoding, mark: boolean): Buffer {
  if (encoding === 'windows-1252') {
    return Buffer.from(text.replaceAll('€', '\x80'), 'latin1');
  }
  const bytes = Buffer.from(
    mark ? `\ufeff${text}` : text,
    encoding === 'utf-8' ? 'utf8' : 'utf16le',
  );
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

function write(rows: readonly (readonly string[])[], delimiter: string, end: string, all: boolean) {
  const quoted = (text: string) =>
    all || /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return rows.map((row) => row.map(quoted).join(delimiter) + end).join('');
}

describe('what a writer of CSV writes', () => {
  it('is read back in any dialect, wherever the pieces are cut', async () => {
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    const size = fc.constantFrom(1, 2, 3, 7, 64, 4096);
    await fc.assert(
      fc.asyncProperty(
        table,
        delimiters,
        encodings,
        ends,
        fc.boolean(),
        size,
        async ({ names, rows }, delimiter, encoding, end, all, pieces) => {
          const bytes = encode(write([names, ...rows], delimiter, end, all), encoding, all);
          const found = await inPieces(bytes, pieces, encoding, delimiter);
          const filled = rows.filter((row) => row.some((value) => value !== ''));
          expect(found.rows.map(([, cells]) => names.map((name) => cells[name]))).toEqual(filled);
          expect(found.problems.every(({ rule }) => rule === 'rows')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('comes out the same wherever any text is cut', async () => {
    const bits = fc.array(
      fc.constantFrom(
        'a',
        ',',
        '"',
        '\n',
        '\r',
        '\r\n',
        '""',
        'x,y\n',
        '"q",r\n',
        '\0',
        '\ufffd',
        ' ',
      ),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(bits, fc.integer({ min: 1, max: 9 }), async (parts, size) => {
        const bytes = Buffer.from(`a,b\n${parts.join('')}`);
        const whole = await inPieces(bytes, bytes.length, 'utf-8', ',');
        expect(await inPieces(bytes, size, 'utf-8', ',')).toEqual(whole);
        const lines = whole.problems.filter(({ rule }) => rule !== 'rows').map(({ line }) => line);
        const taken = [...lines, ...whole.rows.map(([line]) => line)];
        expect(new Set(taken).size).toBe(taken.length);
      }),
      { numRuns: 500 },
    );
  });
});
