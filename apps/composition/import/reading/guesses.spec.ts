import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe as suite, expect, it } from '@jest/globals';
import { describe } from './describe.js';
import { sniff } from './dialect.js';
import { guessMapping } from './mapping.js';
import type { FieldKind, TargetField } from './types.js';

const folder = mkdtempSync(join(tmpdir(), 'clientforge-guess-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function described(content: string, sampleRows?: number) {
  const path = join(folder, 'some.csv');
  writeFileSync(path, content);
  return describe(path, await sniff(path), sampleRows);
}
const formatsIn = async (content: string) =>
  Object.fromEntries((await described(content)).map(({ name, formats }) => [name, formats]));

suite('describe', () => {
  it('shows samples, the share of filled cells and the formats that fit all values', async () => {
    const columns = await described('when,how much,empty\n1.2.2024,5,\n,6,\n31.2.2024x,6,\n');
    expect(columns).toMatchObject([
      { name: 'when', samples: ['1.2.2024', '31.2.2024x'], filled: 2 / 3, formats: [] },
      { name: 'how much', samples: ['5', '6'], filled: 1 },
      { name: 'empty', samples: [], filled: 0, formats: [] },
    ]);
    expect(columns[1]!.formats[0]).toBe('1234.5');
  });

  it('shows both orders of day and month where either could be meant', async () => {
    const { a, b } = await formatsIn('a,b\n1/2/2024,13/2/2024\n3/4/2024,1/2/2024\n');
    expect(b).toEqual(['DD/MM/YYYY']);
    expect(a).toEqual(['DD/MM/YYYY', 'MM/DD/YYYY']);
    expect((await formatsIn('a\n1/2/2024\n'))['a']).toEqual(['MM/DD/YYYY', 'DD/MM/YYYY']);
    expect((await formatsIn('a;b\n1/2/2024;x\n'))['a']?.[0]).toBe('DD/MM/YYYY');
  });

  it('shows both meanings of one comma, the likelier first', async () => {
    expect((await formatsIn('a|b\n1,234|x\n'))['a']?.slice(0, 2)).toEqual(['1,234.5', '1.234,5']);
    expect((await formatsIn('a;b\n1,234;x\n'))['a']?.[0]).toBe('1.234,5');
    expect((await formatsIn('a|b\n1,234|1.234,5\n'))['a']?.[0]).toBe('1.234,5');
  });

  it.each([
    ['€ 5,50', '1.234,5 EUR'],
    ['$1,234.50', '1,234.5 EUR'],
    ['2024-01-31T10:00:00Z', 'ISO instant'],
    ['2024-01-31', 'YYYY-MM-DD'],
    ['20240131', 'YYYYMMDD'],
    ['5 Jan 2024', 'D MMM YYYY'],
    ['ja', 'ja/nein'],
    ['x', 'x/empty'],
    ['1', '1/0'],
    ['12 %', '12.5%'],
    ['ada@example.com', 'email'],
    ['www.example.com', 'url'],
    ['+43 1 234567', 'phone'],
  ])('knows %s as %s', async (value, format) => {
    expect((await formatsIn(`a|b\n${value}|y\n`))['a']?.[0]).toBe(format);
  });

  it('looks at the first rows only', async () => {
    expect((await described('a,b\n1,2\nx,y\n', 1))[0]!.samples).toEqual(['1']);
    expect((await described('a,b\n')).map(({ name, filled }) => [name, filled])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });
});

const fieldsOf = (...names: (string | [string, FieldKind])[]): TargetField[] =>
  names.map((one) => {
    const [name, kind] = typeof one === 'string' ? [one, 'text' as const] : one;
    return { name, title: name.replace(/([A-Z])/g, ' $1'), kind };
  });
const contact = fieldsOf(
  'firstName',
  'lastName',
  ['email', 'email'],
  ['phone', 'phone'],
  ['mobile', 'phone'],
  'title',
  ['companyId', 'lookup'],
  'addressStreet',
  'addressCity',
  'addressPostalCode',
  'addressCountry',
  ['lastContactedAt', 'instant'],
  ['tags', 'tags'],
  ['ownerId', 'lookup'],
);
const company = fieldsOf(
  'name',
  'industry',
  ['website', 'url'],
  ['phone', 'phone'],
  ['employeeCount', 'number'],
);
const deal = fieldsOf(
  'name',
  ['companyId', 'lookup'],
  ['contactId', 'lookup'],
  ['stageId', 'lookup'],
  ['amount', 'money'],
  ['expectedCloseDate', 'date'],
);

const guessed = (headings: string[], fields: TargetField[], type: string) => {
  const guess = guessMapping(headings, [], fields, type);
  return headings.map((heading) => guess[heading]!.field);
};

suite('guessMapping', () => {
  it.each<[string, string[], TargetField[], string, (string | null)[]]>([
    [
      'HubSpot contacts',
      [
        'First Name',
        'Last Name',
        'Email',
        'Phone Number',
        'Contact owner',
        'Primary Associated Company',
        'Last Activity Date',
      ],
      contact,
      'contacts',
      ['firstName', 'lastName', 'email', 'phone', 'ownerId', 'companyId', 'lastContactedAt'],
    ],
    [
      'Google contacts',
      [
        'Given Name',
        'Family Name',
        'E-mail 1 - Value',
        'E-mail 2 - Value',
        'Phone 1 - Value',
        'Organization 1 - Name',
      ],
      contact,
      'contacts',
      ['firstName', 'lastName', 'email', null, 'phone', 'companyId'],
    ],
    [
      'Outlook contacts in German',
      [
        'Vorname',
        'Nachname',
        'Firma',
        'E-Mail-Adresse',
        'Telefon geschäftlich',
        'Mobiltelefon',
        'Postleitzahl geschäftlich',
        'Ort geschäftlich',
        'Kategorien',
      ],
      contact,
      'contacts',
      [
        'firstName',
        'lastName',
        'companyId',
        'email',
        'phone',
        'mobile',
        'addressPostalCode',
        'addressCity',
        'tags',
      ],
    ],
    [
      'Salesforce contacts',
      [
        'FirstName',
        'LastName',
        'Title',
        'Account Name',
        'Mailing Street',
        'Mailing Zip/Postal Code',
        'Mailing Country',
        'Email',
      ],
      contact,
      'contacts',
      [
        'firstName',
        'lastName',
        'title',
        'companyId',
        'addressStreet',
        'addressPostalCode',
        'addressCountry',
        'email',
      ],
    ],
    [
      'Pipedrive deals',
      [
        'Deal - Title',
        'Deal - Value',
        'Deal - Stage',
        'Deal - Organization',
        'Deal - Contact person',
        'Deal - Expected close date',
      ],
      deal,
      'deals',
      ['name', 'amount', 'stageId', 'companyId', 'contactId', 'expectedCloseDate'],
    ],
    [
      'HubSpot companies',
      ['Company name', 'Company Domain Name', 'Industry', 'Phone Number', 'Number of Employees'],
      company,
      'companies',
      ['name', 'website', 'industry', 'phone', 'employeeCount'],
    ],
    [
      'companies in German',
      ['Firmenname', 'Branche', 'Mitarbeiterzahl', 'Webseite', 'Sonstiges'],
      company,
      'company',
      ['name', 'industry', 'employeeCount', 'website', null],
    ],
    [
      'our own names',
      ['lastName', 'companyId', 'first_name', 'EMAIL'],
      contact,
      'contact',
      ['lastName', 'companyId', 'firstName', 'email'],
    ],
  ])('knows the headings of %s', (_, headings, fields, type, expected) => {
    expect(guessed(headings, fields, type)).toEqual(expected);
  });

  it('gives a field to one column, the one that names it best', () => {
    expect(guessed(['Name', 'Surname', 'Last Name'], contact, 'contacts')).toEqual([
      null,
      null,
      'lastName',
    ]);
  });

  it('goes by the shape of the values where the heading says nothing', async () => {
    const columns = await described('who,where\nada@example.com,www.example.com\n');
    const guess = guessMapping(['who', 'where'], columns, [...contact, ...company], 'contacts');
    expect({ ...guess }).toEqual({
      who: { field: 'email', format: 'email' },
      where: { field: 'website', format: 'url' },
    });
  });

  it('adds the format, and gives no date or amount to a column of words', async () => {
    const columns = await described('Close Date;Value\n31.12.2024;many\n');
    const guess = guessMapping(['Close Date', 'Value'], columns, deal, 'deals');
    expect({ ...guess }).toEqual({
      'Close Date': { field: 'expectedCloseDate', format: 'DD.MM.YYYY' },
      Value: { field: null, format: null },
    });
  });
});
