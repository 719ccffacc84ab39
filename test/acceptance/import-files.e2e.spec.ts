import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ImportFiles } from '#apps/composition/import/import-files';
import { importJob } from '#apps/composition/import/import-job';
import { runJobs } from '#apps/composition/jobs';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-uploads-'));
const files = new ImportFiles(dataDir, 50_000);
const csv = { 'content-type': 'text/csv' };

describe('imports over HTTP', () => {
  let server: TestServer;
  let runner: ReturnType<typeof runJobs>;
  let workspace: TestWorkspace;
  let admin: TestUser;
  let member: TestUser;
  beforeAll(async () => {
    server = await startTestServer(
      { dataDir, importMaxBytes: files.maxBytes },
      {},
      { jobs: [importJob(files)] },
    );
    runner = runJobs(server.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
    workspace = await server.workspace('Europe/Vienna');
    [admin, member] = [await workspace.person('admin'), await workspace.person('member')];
    await admin.post('/pipelines', { name: 'Sales', isDefault: true });
    await server.settled();
  }, 60_000);
  afterAll(async () => {
    await runner.stop();
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const upload = (user: TestUser, type: string, text: string | Buffer, name = 'file.csv') =>
    user.request(`/import-files?name=${name}&type=${type}`, {
      method: 'POST',
      raw: text,
      headers: csv,
    });

  /** The job once it has ended. */
  async function ended(user: TestUser, id: string) {
    for (;;) {
      const { body } = await user.get(`/jobs/${id}`);
      if (!['queued', 'running'].includes(body.data.status)) return body.data;
      await new Promise((go) => setTimeout(go, 50));
    }
  }

  async function importText(
    user: TestUser,
    type: string,
    text: string,
    mapping: Readonly<Record<string, object | null>>,
    more: object = {},
  ) {
    const { body: uploaded } = await upload(user, type, text);
    const asked = { fileId: uploaded.data.id, mapping, ...more };
    const { status, body } = await user.post(`/${type}/import`, asked);
    if (status !== 202) throw new Error(JSON.stringify(body));
    const job = await ended(user, body.data.id);
    await server.settled();
    if (job.status !== 'succeeded') throw new Error(JSON.stringify(job.error));
    return job;
  }

  const list = async (path: string) => (await admin.get(path)).body.data;

  it('says what an upload looks like and is likely meant for', async () => {
    const text = 'Vorname;Nachname;E-Mail;Firma\r\nÄnne;Öhm;a@x.example;Nórda\r\n';
    const { status, body, headers } = await upload(admin, 'contacts', Buffer.from(text, 'latin1'));
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/import-files/${body.data.id}`);
    expect(body.data).toMatchObject({
      name: 'file.csv',
      type: 'contacts',
      dialect: { encoding: 'windows-1252', delimiter: ';', header: true },
      rowsEstimate: 1,
      keyGuess: ['email'],
    });
    const guesses = body.data.columns.map((one: any) => [one.name, one.guess.field]);
    expect(guesses).toEqual([
      ['Vorname', 'firstName'],
      ['Nachname', 'lastName'],
      ['E-Mail', 'email'],
      ['Firma', 'companyId'],
    ]);
    const field = (name: string) => body.data.fields.find((one: any) => one.name === name);
    expect(field('companyId')).toMatchObject({
      kind: 'lookup',
      lookup: { type: 'companies', by: ['name', 'email', 'id'] },
    });
    expect(field('leadStatus').choices[0]).toEqual({ value: 'new', title: 'New' });
    const again = await admin.get(`/import-files/${body.data.id}`);
    expect(again.body.data).toEqual(body.data);
    const otherwise = await admin.get(`/import-files/${body.data.id}?delimiter=,`);
    expect(otherwise.body.data).toMatchObject({
      dialect: { encoding: 'windows-1252', delimiter: ',' },
      columns: [{ name: 'Vorname;Nachname;E-Mail;Firma' }],
    });
    const wrong = await admin.get(`/import-files/${body.data.id}?encoding=ebcdic`);
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_ERROR' } } });
    expect(wrong.body.error.details[0].field).toBe('encoding');
    const { body: asked } = await server.request('/graphql', {
      method: 'POST',
      token: admin.token,
      body: {
        query: `{ importFile(id: "${body.data.id}") { name rowsEstimate columns { name guess { field } } } }`,
      },
    });
    expect(asked.data.importFile).toMatchObject({ name: 'file.csv', rowsEstimate: 1 });
  });

  it('brings records in, recognises them, and changes only what differs', async () => {
    const head = 'Name,Revenue,Founded,Parent,City\n';
    const mapping = {
      Name: { field: 'name' },
      Revenue: { field: 'annualRevenue' },
      Founded: { field: 'foundedYear' },
      Parent: { field: 'parentId' },
      City: { field: 'billingAddress.city' },
    };
    const rows = ['Alfa,1000.50,1990,Beta,Graz', 'Beta,,,,', 'Gamma,2,2001,Alfa,Linz'];
    const given = { key: ['name'], currency: 'EUR' };
    const text = `${head}${rows.join('\n')}\n`;
    const trial = await importText(admin, 'companies', text, mapping, { ...given, dryRun: true });
    expect(trial.result).toMatchObject({ dryRun: true, created: 3, rejected: 0, rows: 3 });
    expect(await list('/companies')).toEqual([]);
    const first = await importText(admin, 'companies', text, mapping, given);
    expect(first.result).toMatchObject({ created: 3, changed: 0, unchanged: 0, problems: [] });
    const [alfa] = await list('/companies?name=Alfa');
    const [beta] = await list('/companies?name=Beta');
    expect(alfa).toMatchObject({
      parentId: beta.id,
      annualRevenue: { amountMinor: '100050', currency: 'EUR' },
      billingAddress: { city: 'Graz' },
    });
    const { body: history } = await admin.get(`/timeline/company/${alfa.id}`);
    expect(history.data[0]).toMatchObject({
      actor: { type: 'user', id: admin.id },
      correlationId: first.id,
    });
    const again = await importText(admin, 'companies', text, mapping, given);
    expect(again.result).toMatchObject({ created: 0, changed: 0, unchanged: 3 });
    const before = (await workspace.events()).length;
    const mended = text.replace('1990', '1991');
    const third = await importText(admin, 'companies', mended, mapping, given);
    expect(third.result).toMatchObject({ created: 0, changed: 1, unchanged: 2 });
    expect(await workspace.events(before)).toEqual(['CompanyChanged']);
  });

  it('looks records up by name, makes them where asked, and finds those no import has made', async () => {
    await admin.post('/contacts', { firstName: 'Ada', lastName: 'Orlen', email: 'Ada@x.example' });
    await server.settled();
    const text =
      'Name,Mail,Company,Owner\n' +
      `Ada Orlen,ada@X.example,Alfa,${member.email}\n` +
      'Bo Quist,bo@x.example,Neu,Person member\n' +
      'Cy Marwick,cy@x.example,Neu,\n';
    const mapping = {
      Name: { field: 'fullName' },
      Mail: { field: 'email' },
      Company: { field: 'companyId', missing: 'create' },
      Owner: { field: 'ownerId' },
    };
    const trial = await importText(admin, 'contacts', text, mapping, {
      key: ['email'],
      dryRun: true,
    });
    expect(trial.result).toMatchObject({ created: 2, changed: 1, rejected: 0 });
    expect(await list('/companies?name=Neu')).toEqual([]);
    const job = await importText(admin, 'contacts', text, mapping, { key: ['email'] });
    expect(job.result).toMatchObject({ created: 2, changed: 1, rejected: 0 });
    const [company] = await list('/companies?name=Neu');
    const contacts = await list('/contacts?sort=fullName');
    expect(contacts.map((one: any) => [one.fullName, one.ownerId, one.companyId])).toEqual([
      ['Ada Orlen', member.id, (await list('/companies?name=Alfa'))[0].id],
      ['Bo Quist', member.id, company.id],
      ['Cy Marwick', admin.id, company.id],
    ]);
  });

  it('brings deals to their stage, tasks to their status and people in uninvited', async () => {
    const deals =
      'Deal,Company,Stage,Amount,Closed,Reason\n' +
      'One,Alfa,Proposal,100,,\nTwo,Beta,Closed won,250.5,2026-03-01,\n' +
      'Three,Beta,Closed lost,1,2026-03-02,Price\nFour,Beta,Closed lost,1,,\nFive,,Nowhere,1,,\n';
    const mapping = {
      Deal: { field: 'name' },
      Company: { field: 'companyId' },
      Stage: { field: 'stageId' },
      Amount: { field: 'amount' },
      Closed: { field: 'actualCloseDate' },
      Reason: { field: 'lostReason' },
    };
    const stages = (await list('/pipelines'))[0].stages.map((one: any) => one.name);
    const named = deals
      .replaceAll('Closed won', stages.at(-2))
      .replaceAll('Closed lost', stages.at(-1))
      .replaceAll('Proposal', stages[1]);
    const job = await importText(admin, 'deals', named, mapping, {
      key: ['name'],
      currency: 'EUR',
    });
    expect(job.result).toMatchObject({ created: 3, rejected: 2 });
    expect(job.result.problems).toMatchObject([
      { line: 5, column: 'Stage', rule: 'required' },
      { line: 6, column: 'Stage', value: 'Nowhere', rule: 'reference' },
    ]);
    const shown = await list('/deals?sort=name');
    expect(shown.map((one: any) => [one.name, one.status, one.actualCloseDate])).toEqual([
      ['One', 'open', null],
      ['Three', 'lost', '2026-03-02'],
      ['Two', 'won', '2026-03-01'],
    ]);
    const again = await importText(admin, 'deals', named, mapping, {
      key: ['name'],
      currency: 'EUR',
    });
    expect(again.result).toMatchObject({ created: 0, changed: 0, unchanged: 3, rejected: 2 });
    const tasks = 'What,Who,About,State\nCall,Person member,One,completed\n';
    await importText(member, 'tasks', tasks, {
      What: { field: 'title' },
      Who: { field: 'assignedToId' },
      About: { field: 'relatedDeal' },
      State: { field: 'status' },
    });
    expect(await list('/tasks')).toMatchObject([
      { title: 'Call', status: 'completed', relatedToType: 'deal', assignedToId: member.id },
    ]);
    const people = 'First,Last,Role\nUna,Vest,manager\n';
    await importText(admin, 'users', people, {
      First: { field: 'firstName' },
      Last: { field: 'lastName' },
      Role: { field: 'role' },
    });
    expect(await list('/users?lastName=Vest')).toMatchObject([
      { status: 'not_invited', role: 'manager' },
    ]);
    const notes = 'Text,Contact\nAsked for a demo,bo@x.example\n';
    await importText(member, 'notes', notes, {
      Text: { field: 'content' },
      Contact: { field: 'relatedContact' },
    });
    expect(await list('/notes')).toMatchObject([{ content: 'Asked for a demo' }]);
  });

  it('takes a file as the body of the request, with everything guessed', async () => {
    const { status, body } = await admin.request('/products/import?key=code', {
      method: 'POST',
      raw: 'Name,SKU,Price\nLamp,L-1,10.5\nDesk,l-1,3\nChair,,4\n',
      headers: csv,
    });
    expect(status).toBe(202);
    const job = await ended(admin, body.data.id);
    expect(job.result).toMatchObject({ created: 1, rejected: 2 });
    expect(job.result.problems.map((one: any) => [one.line, one.column, one.rule])).toEqual([
      [3, 'SKU', 'unique'],
      [4, 'SKU', 'key'],
    ]);
    const file = await admin.get(`/jobs/${job.id}/result-file`);
    expect(file.headers.get('content-type')).toContain('text/csv');
    expect(file.text.split('\r\n')[0]).toContain('line,column,value,rule,message,remedy');
    expect(file.text).toContain('3,SKU,l-1,unique,repeats the key of line 2');
  });

  it('refuses what is not possible, field by field', async () => {
    const { body: uploaded } = await upload(admin, 'contacts', 'A,B\n1,2\n');
    const ask = async (more: object) =>
      (await admin.post('/contacts/import', { fileId: uploaded.data.id, ...more })).body.error;
    const wrong = await ask({
      mapping: {
        A: { field: 'nothing' },
        B: { field: 'companyId', by: 'colour' },
        C: { field: 'email' },
      },
      key: ['email'],
    });
    expect(wrong.details.map((one: any) => [one.field, one.rule])).toEqual([
      ['mapping.A', 'field'],
      ['mapping.B', 'lookup'],
      ['mapping.C', 'column'],
      ['mapping', 'required'],
      ['key', 'mapped'],
    ]);
    const format = await ask({ mapping: { A: { field: 'leadScore', format: 'DD.MM.YYYY' } } });
    expect(format.details[0]).toMatchObject({ field: 'mapping.A.format', rule: 'format' });
    expect((await ask({ mapping: { A: { colour: 1 } } })).code).toBe('VALIDATION_ERROR');
    const empty = await upload(admin, 'contacts', '');
    expect([empty.status, empty.body.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    const large = await upload(admin, 'contacts', `A\n${'x'.repeat(60_000)}\n`);
    expect([large.status, large.body.error.code]).toEqual([413, 'FILE_TOO_LARGE']);
    const archive = await upload(admin, 'contacts', Buffer.from('504b030414000000', 'hex'));
    expect([archive.status, archive.body.error.code]).toEqual([422, 'UNREADABLE_FILE']);
    const json = await admin.post('/import-files?type=contacts', { a: 1 });
    expect(json.status).toBe(415);
    const elsewhere = await admin.request('/contacts', {
      method: 'POST',
      raw: 'A\n1',
      headers: csv,
    });
    expect(elsewhere.status).toBe(415);
    expect((await upload(admin, 'tenants', 'A\n1\n')).status).toBe(400);
  });

  it('is for those who may create and change, each with their own uploads', async () => {
    const viewer = await workspace.person('viewer');
    expect((await upload(viewer, 'contacts', 'A\n1\n')).status).toBe(403);
    expect((await upload(member, 'users', 'A\n1\n')).status).toBe(403);
    const { body } = await upload(admin, 'contacts', 'First name,Last name\nA,B\n');
    const { id } = body.data;
    expect((await member.get(`/import-files/${id}`)).status).toBe(404);
    expect((await member.post('/contacts/import', { fileId: id })).status).toBe(404);
    const stranger = await (await server.workspace()).person('owner');
    expect((await stranger.get(`/import-files/${id}`)).status).toBe(404);
    expect((await stranger.post('/contacts/import', { fileId: id })).status).toBe(404);
    const mutation = `mutation { startImport(input: { type: "contacts", fileId: "${id}" }) {
      __typename ... on Refused { code } ... on Job { id } } }`;
    const graphql = (user: TestUser) =>
      server.request('/graphql', { method: 'POST', token: user.token, body: { query: mutation } });
    expect((await graphql(stranger)).body.data.startImport).toMatchObject({ code: 'NOT_FOUND' });
    const started = (await graphql(admin)).body.data.startImport;
    expect(started.__typename).toBe('Job');
    expect((await ended(admin, started.id)).result).toMatchObject({ created: 1 });
    expect((await stranger.get(`/jobs/${started.id}`)).status).toBe(404);
    // A member may change only what is their own: what somebody else's import made stays.
    const foreign = await importText(
      member,
      'companies',
      'Name,City\nAlfa,Wien\n',
      { Name: { field: 'name' }, City: { field: 'addressCity' } },
      { key: ['name'] },
    );
    expect(foreign.result).toMatchObject({ rejected: 1, changed: 0 });
  });

  it('deletes uploads after a week', async () => {
    const { body } = await upload(admin, 'contacts', 'A\n1\n');
    const folder = join(dataDir, 'files', 'imports', workspace.tenantId);
    const old = new Date(Date.now() - 8 * 86_400_000);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old);
    await files.cleanUp(new Date());
    expect((await admin.get(`/import-files/${body.data.id}`)).status).toBe(404);
  });
});
