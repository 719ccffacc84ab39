import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Queryable } from '#platform/postgres/database';
import { createTestDatabase, type TestDatabase } from '#test/support/database';
import { RowWriter } from './row-writer.js';

describe('rows written as arrays', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.drop());

  /** The values as the column holds them afterwards, as text. */
  async function stored(type: string, values: readonly unknown[]): Promise<(string | null)[]> {
    return test.admin(async (client) => {
      await client.query(`SET timezone = 'UTC'; CREATE TEMP TABLE t (n bigint, v ${type})`);
      const writer = new RowWriter<readonly [number, unknown]>('t', [
        { name: 'n', type: 'bigint', value: ([n]) => n },
        { name: 'v', type, value: ([, value]) => value },
      ]);
      const rows = values.map((value, n) => [n, value] as const);
      await writer.write(client as unknown as Queryable, rows);
      const found = await client.query<{ v: string | null }>(
        'SELECT v::text AS v FROM t ORDER BY n',
      );
      return found.rows.map(({ v }) => v);
    });
  }

  it.each<[string, readonly unknown[], readonly (string | null)[]]>([
    ['text COLLATE "C"', ['', 'Göteborg', '😀 "x"\\', null], ['', 'Göteborg', '😀 "x"\\', null]],
    ['bigint', [0, -1, '9007199254740993', null], ['0', '-1', '9007199254740993', null]],
    ['smallint', [-7, null], ['-7', null]],
    ['boolean', [true, false, null], ['true', 'false', null]],
    ['uuid', ['01890a5d-ac96-774b-bcce-b302099a8000'], ['01890a5d-ac96-774b-bcce-b302099a8000']],
    ['date', ['2026-02-28', '1969-12-31', null], ['2026-02-28', '1969-12-31', null]],
    ['jsonb', [{ a: [1, 'ü'] }, [], 'x', null], ['{"a": [1, "ü"]}', '[]', '"x"', null]],
    ['text[]', [['a b', '"\\,{}', ''], [], null], ['{"a b","\\"\\\\,{}",""}', '{}', null]],
    [
      'timestamptz',
      ['2026-03-01T09:30:00.125Z', new Date(-1), 'infinity', null],
      ['2026-03-01 09:30:00.125+00', '1969-12-31 23:59:59.999+00', 'infinity', null],
    ],
    [
      'timestamptz',
      ['2026-03-01T09:30:00.123456+02:00', new Date(0), '2016-12-31T23:59:60Z'],
      ['2026-03-01 07:30:00.123456+00', '1970-01-01 00:00:00+00', '2017-01-01 00:00:00+00'],
    ],
  ])('keep every value of %s', async (type, values, expected) => {
    expect(await stored(type, values)).toEqual(expected);
  });

  it('are none where none are given', async () => {
    expect(await stored('text', [])).toEqual([]);
  });

  it('are refused where PostgreSQL refuses them', async () => {
    await expect(stored('date', ['2026-02-30'])).rejects.toThrow(/date/);
    await expect(stored('uuid', ['not one'])).rejects.toThrow(/hexadecimal/);
  });
});
