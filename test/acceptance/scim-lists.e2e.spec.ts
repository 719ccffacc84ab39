import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ENTERPRISE,
  found,
  GROUP,
  shown,
  startScim,
  USER,
  type DirectoryClient,
  type ScimTest,
} from './scim-client.js';

describe('lists of SCIM', () => {
  let test: ScimTest;
  let scim: DirectoryClient;
  let add: ScimTest['add'];
  let unique: ScimTest['unique'];
  beforeAll(async () => {
    test = await startScim();
    ({ scim, add, unique } = test);
  });
  afterAll(() => test.server.close());

  it('S21 filters with every operator, and, or, not and groups', async () => {
    const mark = unique('mark');
    const [a, b, c] = [
      await add({
        title: `${mark} A`,
        externalId: `${mark}-1`,
        [ENTERPRISE]: { division: mark },
        schemas: [USER, ENTERPRISE],
      }),
      await add({ title: `${mark} B`, active: false }),
      await add({ title: `${mark} C "quoted" \\`, emails: [{ value: `${mark}@hooli.com` }] }),
    ];
    const mine = `title sw "${mark}"`;
    const ids = async (filter: string) => found(await scim.filter('/Users', filter)).sort();
    const of = (...people: { id: string }[]) => people.map(({ id }) => id).sort();
    for (const [filter, ...expected] of [
      [`title eq "${mark.toUpperCase()} a"`, a],
      [`${mine} and title ne "${mark} A"`, b, c],
      [`${mine} and title co "quoted"`, c],
      [`title eq "${mark} C \\"quoted\\" \\\\"`, c],
      [`${mine} and title ew " B"`, b],
      [`${mine} and externalId pr`, a],
      [`${mine} and not (externalId pr)`, b, c],
      [`${mine} and active eq true`, a, c],
      [`${mine} and active eq "False"`, b],
      [`${mine} and title gt "${mark} A"`, b, c],
      [`${mine} and title ge "${mark} B" and title le "${mark} B"`, b],
      [`${mine} and title lt "${mark} B"`, a],
      [`${mine} and (title ew "A" or title ew "B")`, a, b],
      [`title ew "${mark} A" or ${mine} and title ew "B"`, a, b],
      [`externalId eq "${mark}-1"`, a],
      [`externalId eq "${mark.toUpperCase()}-1"`],
      [`USERNAME eq "${a.userName.toUpperCase()}"`, a],
      [`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "${a.userName}"`, a],
      [`${ENTERPRISE}:division eq "${mark}"`, a],
      [`emails[type eq "work" and value eq "${mark}@hooli.com"]`, c],
      [`emails.value eq "${mark}@hooli.com"`, c],
      [`emails co "${mark}@"`, c],
      [`id eq "${a.id}"`, a],
      [`${mine} and meta.lastModified gt "2020-01-01T00:00:00Z"`, a, b, c],
      [`${mine} and meta.created lt "2020-01-01T00:00:00Z"`],
      [`${mine} and name.familyName eq "hendricks" and phoneNumbers eq null`, a, b, c],
    ] as const) {
      expect([filter, await ids(filter)]).toEqual([filter, of(...expected)]);
    }
    for (const filter of [
      'title',
      'title eq',
      'title eq x',
      'title is "x"',
      'wings eq "x"',
      'title eq "x" and',
      '(title eq "x"',
      'title eq "x")',
      'emails[wings eq "x"]',
      'title[type eq "x"]',
      'active gt true',
      'meta.created gt "yesterday"',
      '"x" eq title',
      'title eq "x',
      `${'('.repeat(50)}title pr${')'.repeat(50)}`,
      Array.from({ length: 200 }, () => 'title pr').join(' or '),
      "title eq 'x'; DROP TABLE rm_users",
    ]) {
      expect([filter, ...shown(await scim.filter('/Users', filter))]).toEqual([
        filter,
        400,
        'invalidFilter',
      ]);
    }
    expect(found(await scim.filter('/Users', `title eq "x' OR 1=1 --"`))).toEqual([]);
    const searched = await scim.post('/Users/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter: mine,
      sortBy: 'title',
      sortOrder: 'descending',
      attributes: ['title'],
    });
    expect(searched.body.Resources).toEqual(
      [c, b, a].map(({ id, title }) => ({ schemas: expect.any(Array), id, title })),
    );
  });

  it('S21 searches people and groups at once', async () => {
    const mark = unique('both');
    const [a, b] = [await add({ displayName: `${mark} 2` }), await add({ title: mark })];
    const teams = [await test.group(`${mark} 1`, b), await test.group(`${mark} 3`)];
    const search = async (body: object) =>
      (
        await scim.post('/.search', {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
          ...body,
        })
      ).body;
    const sorted = { sortBy: 'displayName', attributes: ['displayName'] };
    const found = await search({ filter: `displayName sw "${mark}"`, ...sorted });
    expect(found.Resources).toEqual([
      { schemas: [GROUP], id: teams[0]!.id, displayName: `${mark} 1` },
      { schemas: [USER], id: a.id, displayName: `${mark} 2` },
      { schemas: [GROUP], id: teams[1]!.id, displayName: `${mark} 3` },
    ]);
    // What a type does not have is empty in it.
    const either = `title eq "${mark}" or members.value eq "${b.id}"`;
    const ids = (await search({ filter: either })).Resources.map(({ id }: any) => id);
    expect(ids).toEqual([b.id, teams[0]!.id]);
    const kind = await search({ filter: `meta.resourceType eq "Group"`, count: 0 });
    expect(kind).toMatchObject({ totalResults: (await scim.get('/Groups')).body.totalResults });
    const all = [];
    for (let startIndex = 1; ; startIndex += 3) {
      const { Resources, totalResults } = await search({ startIndex, count: 3 });
      all.push(...Resources.map(({ id }: { id: string }) => id));
      if (Resources.length === 0) {
        expect([new Set(all).size, all.length]).toEqual([totalResults, totalResults]);
        break;
      }
    }
    for (const { id } of [a, b, ...teams]) expect(all).toContain(id);
    expect(await search({ filter: 'wings pr' })).toMatchObject({ scimType: 'invalidFilter' });
    expect(await search({ sortBy: 'wings' })).toMatchObject({ scimType: 'invalidPath' });
    expect(shown(await scim.post('/.search', { filter: 'title pr' }))[0]).toBe(400);
    const wrong = await scim.get('/.search');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('S21 pages, sorts and shows the attributes asked for', async () => {
    const mark = unique('page');
    const made = [];
    for (const letter of ['d', 'b', 'a', 'c']) made.push(await add({ title: `${mark}${letter}` }));
    const query = `filter=${encodeURIComponent(`title sw "${mark}"`)}&sortBy=title`;
    const page = async (more: string) => (await scim.get(`/Users?${query}${more}`)).body;
    const second = await page('&startIndex=2&count=2');
    expect(second).toMatchObject({ totalResults: 4, startIndex: 2, itemsPerPage: 2 });
    expect(second.Resources.map(({ title }: any) => title)).toEqual([`${mark}b`, `${mark}c`]);
    expect(await page('&startIndex=0&count=-5')).toMatchObject({
      totalResults: 4,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
    expect((await page('&sortOrder=descending&count=1')).Resources[0].title).toBe(`${mark}d`);
    expect((await page('&startIndex=99')).Resources).toEqual([]);
    const all = [];
    for (let start = 1; ; start += 3) {
      const { body } = await scim.get(`/Users?startIndex=${start}&count=3`);
      all.push(...body.Resources.map(({ id }: { id: string }) => id));
      if (all.length >= body.totalResults) break;
    }
    expect(new Set(all).size).toBe(all.length);
    for (const { id } of made) expect(all).toContain(id);
    const id = made[0]!.id;
    const only = (await scim.get(`/Users/${id}?attributes=username,name.givenName,emails.value`))
      .body;
    expect(only).toEqual({
      schemas: [USER],
      id,
      userName: made[0]!.userName,
      name: { givenName: 'Richard' },
      emails: [{ value: made[0]!.userName }],
    });
    const less = (await scim.get(`/Users/${id}?excludedAttributes=emails,name.formatted,id`)).body;
    expect(less).not.toHaveProperty('emails');
    expect(less.name).toEqual({ givenName: 'Richard', familyName: 'Hendricks' });
    expect(less.id).toBe(id);
    for (const bad of ['count=x', 'startIndex=1.5', 'sortBy=wings', 'sortBy=title&sortOrder=up']) {
      expect([bad, (await scim.get(`/Users?${bad}`)).status]).toEqual([bad, 400]);
    }
    const both = await scim.get('/Users?attributes=title&excludedAttributes=title');
    expect(both.status).toBe(400);
  });
});
