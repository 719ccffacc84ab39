import { encodeCursor, type RawParameters } from '#platform/projections/list-query';
import type { Page } from '#platform/projections/reader';

/** Values of the workspace that lists are asked for. */
export interface Samples {
  readonly companyIds: readonly string[];
  readonly ownerIds: readonly string[];
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly names: readonly string[];
  readonly contactIds: readonly string[];
}

/** A list as somebody asks for it, again and again with other values. */
export interface Asked {
  readonly name: string;
  readonly model: string;
  query(n: number, samples: Samples): RawParameters;
  /** Adds a cursor or page far into the list. */
  deep?(
    query: RawParameters,
    page: (raw: RawParameters) => Promise<Page>,
    n: number,
  ): Promise<RawParameters>;
  /** Counts and sums instead of rows. */
  readonly group?: { readonly by: readonly string[]; readonly sums: readonly string[] };
  /** The live list a past one is compared with. */
  readonly live?: string;
  readonly calls?: number;
}

const of = <T>(values: readonly T[], n: number): T => values[(n * 7) % values.length]!;
const CITIES = ['Wien', 'Graz', 'Porto', 'Roma', 'Lyon'];
const SOURCES = ['fair', 'web', 'referral'];

/** After the row with this name: a cursor into the middle of the alphabet. */
function intoTheNames(n: number, { names, contactIds }: Samples): RawParameters {
  const values = [of(names, n), of(contactIds, n)];
  return { sort: 'fullName', cursor: encodeCursor({ sort: 'fullName,id', values }) };
}

const contacts = (name: string, query: Asked['query'], more: Partial<Asked> = {}): Asked => ({
  name: `list, ${name}`,
  model: 'contacts',
  query,
  ...more,
});

/** What a salesperson asks for on a tenant of this size. */
export const askedLists: readonly Asked[] = [
  contacts('default sort, first page', () => ({})),
  contacts('by name', () => ({ sort: 'fullName' })),
  contacts('last changed first', () => ({ sort: '-updatedAt' })),
  contacts('of a company', (n, { companyIds }) => ({ companyId: of(companyIds, n) })),
  contacts('of an owner', (n, { ownerIds }) => ({ ownerId: of(ownerIds, n) })),
  contacts('status, best score first', () => ({ leadStatus: 'qualified', sort: '-leadScore' })),
  contacts('rare status, by name', () => ({ contactStatus: 'bounced', sort: 'lastName' })),
  contacts('city and source', (n) => ({
    addressCity: of(CITIES, n),
    leadSource: of(SOURCES, n),
    sort: 'fullName',
  })),
  contacts('one e-mail address', (n, { emails }) => ({ email: of(emails, n) })),
  contacts('one telephone number', (n, { phones }) => ({ phone: of(phones, n) })),
  contacts('a tag', () => ({ tags: 'newsletter' })),
  contacts('nobody matches', () => ({ department: 'nowhere' })),
  contacts('page 400', () => ({ page: '400' })),
  contacts('deep cursor, by name', intoTheNames),
  contacts('exact count', () => ({ count: 'exact' }), { calls: 20 }),
  contacts('search, one person', (n, { names }) => ({ search: of(names, n) })),
  contacts('search, part of a name', (n, { names }) => ({ search: of(names, n).slice(-7) })),
  contacts('search, found everywhere', () => ({ search: 'mail.example' })),
  contacts('search, two letters', () => ({ search: 'ad' })),
  {
    name: 'list of deals, default sort',
    model: 'deals',
    query: () => ({}),
  },
  {
    name: 'list of deals, open, highest first',
    model: 'deals',
    query: () => ({ status: 'open', sort: '-amount' }),
  },
  {
    name: 'board: open deals by stage with sums',
    model: 'deals',
    query: () => ({ status: 'open' }),
    group: { by: ['stageId'], sums: ['amount'] },
    calls: 40,
  },
];

const DAY = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY).toISOString();

function past(live: string, days: number): Asked {
  const asked = askedLists.find(({ name }) => name === live)!;
  return {
    ...asked,
    name: `${asked.name}, ${days} days ago`,
    live,
    query: (n, samples) => ({ ...asked.query(n, samples), asOf: daysAgo(days) }),
  };
}

/** The same as of a day in the past: of a month, a year and most of two years ago. */
export const askedPast: readonly Asked[] = [
  past('list, default sort, first page', 30),
  past('list, default sort, first page', 365),
  past('list, default sort, first page', 700),
  past('list, by name', 30),
  past('list, by name', 365),
  past('list, by name', 700),
  past('list, last changed first', 365),
  past('list, of a company', 365),
  past('list, status, best score first', 365),
  past('list, deep cursor, by name', 365),
  past('list, search, one person', 365),
  past('list of deals, open, highest first', 365),
  past('board: open deals by stage with sums', 365),
];
