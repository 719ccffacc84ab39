import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { sniff } from './dialect.js';

const folder = mkdtempSync(join(tmpdir(), 'clientforge-sniff-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function sniffed(content: string | Buffer) {
  const path = join(folder, 'some.csv');
  writeFileSync(path, content);
  const { encoding, delimiter } = await sniff(path);
  return `${encoding} ${delimiter}`;
}

const names = 'Name,Ort\nMüller,Gänserndorf\n';
const latin = Buffer.from(names, 'latin1');
const wide = Buffer.from(names, 'utf16le');
const mark = (...bytes: number[]) => Buffer.from(bytes);

describe('sniff', () => {
  it.each([
    ['plain ASCII', 'a,b\n1,2\n', 'utf-8 ,'],
    ['UTF-8', names, 'utf-8 ,'],
    ['UTF-8 with a mark', `\ufeff${names}`, 'utf-8 ,'],
    ['windows-1252', latin, 'windows-1252 ,'],
    ['UTF-16 little endian with a mark', Buffer.concat([mark(0xff, 0xfe), wide]), 'utf-16le ,'],
    ['UTF-16 little endian', wide, 'utf-16le ,'],
    ['UTF-16 big endian', Buffer.from(wide).swap16(), 'utf-16be ,'],
    [
      'UTF-16 big endian with a mark',
      Buffer.concat([mark(0xfe, 0xff), Buffer.from(wide).swap16()]),
      'utf-16be ,',
    ],
    [
      'UTF-8 with one damaged cell',
      Buffer.concat([Buffer.from('a,b\nä,ö\nü,ß\n1,'), mark(0xff), Buffer.from('\n')]),
      'utf-8 ,',
    ],
    [
      'windows-1252 long after the head',
      Buffer.concat([Buffer.from('a,b\n' + '1,2\n'.repeat(80_000)), latin]),
      'windows-1252 ,',
    ],
    ['UTF-8 cut by the end of the head', `a,b\n${'x'.repeat(256 * 1024 - 5)}€,1\n`, 'utf-8 ,'],
    ['semicolons', 'a;b\n1,5;2,5\n1,5;3\n', 'utf-8 ;'],
    ['tabs', 'a\tb, c\td\n1\t2, x; y\t3\n', 'utf-8 \t'],
    ['bars', 'a|b|c\n1|2|3\n', 'utf-8 |'],
    ['delimiters within quotes', '"a;b",c\n"1;2;3",4\n"x;;",5\n', 'utf-8 ,'],
    ['a line that names it', 'sep=|\na|b\n1,2|3,4\n', 'utf-8 |'],
    ['one column', 'email\nada@example.com\n', 'utf-8 ,'],
    ['nothing', '', 'utf-8 ,'],
  ])('knows %s', async (_, content, expected) => {
    expect(await sniffed(content)).toBe(expected);
  });
});
