import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJobs } from '#apps/composition/jobs';
import { beginDeletions, deletionDay } from '#apps/composition/workspace-deletion/deletion';
import { deletionJobs } from '#apps/composition/workspace-deletion/deletion-jobs';
import { cliOn } from '#test/support/cli';
import { liveSocket, until } from '#test/support/live-socket';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const password = 'violet kettle runs uphill';
const DAY = 86_400_000;
const NAME = 'Pied Piper';

describe('the deletion of a workspace', () => {
  let server: TestServer;
  let jobs: ReturnType<typeof runJobs>;
  let folder: string;
  let home: TestWorkspace;
  let [owner, admin, stranger]: TestUser[] = [];
  let person: { readonly id: string; readonly email: string };
  /** Moves the clock of the server. */
  let ahead = 0;
  const clock = () => new Date(Date.now() + ahead);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientforge-deletion-'));
    const config = { dataDir: folder, erasuresDir: join(folder, 'erasures') };
    server = await startTestServer(
      { dataDir: folder, deletionDays: 30 },
      { sockets: { checkMs: 500 } },
      { clock, jobs: deletionJobs(config) },
    );
    server.platform.sagas.runner.start();
    jobs = runJobs(server.platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
    home = await server.workspace();
    [owner, admin] = [await home.person('owner'), await home.person('admin')];
    stranger = await (await server.workspace()).person('owner');
    person = await home.withPassword('owner', password);
    await owner.post('/companies', { name: 'Hooli' });
    await server.settled();
  });
  afterAll(async () => {
    await jobs.stop();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const remove = (user: TestUser, name: string = NAME) => user.post('/tenant/deletion', { name });
  const signIn = (workspace: string) =>
    server.request('/api/v1/auth/login', {
      method: 'POST',
      body: { workspace, email: person.email, password },
    });
  const cli = (line: string) =>
    cliOn(server.test, { DATA_DIR: folder })(`tenants ${line} --tenant ${home.tenantId} --json`);
  const isOpen = async () => (await owner!.get('/companies')).status === 200;
  const mails = () => server.platform.mail.list(home.tenantId, 10);

  it('takes an owner who has just proved who they are, and the name typed once more', async () => {
    expect((await remove(admin!)).status).toBe(403);
    ahead = 11 * 60_000;
    const unproven = await remove(owner!);
    expect(unproven).toMatchObject({ status: 403, body: { error: { code: 'STEP_UP_REQUIRED' } } });
    ahead = 0;
    const wrong = await remove(owner!, 'Hooli');
    expect(wrong).toMatchObject({ status: 422, body: { error: { code: 'NAME_DIFFERS' } } });
    const none = await owner!.post('/tenant/deletion', { name: NAME, days: 0 });
    expect(none).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_ERROR' } } });
    const elsewhere = await owner!.post(
      '/tenant/deletion',
      { name: NAME },
      { 'x-workspace': 'another' },
    );
    expect(elsewhere.status).toBe(401);
    // The other workspace has the same name, and is another one all the same.
    expect((await stranger!.get('/companies')).status).toBe(200);
    expect(await isOpen()).toBe(true);
  });

  it('closes the workspace to its people, says until when, and tells its owners', async () => {
    const socket = await liveSocket(server.url, owner!.token);
    const { status, body } = await remove(owner!);
    expect(status).toBe(200);
    const deleteAt = new Date(body.data.deleteAt as string);
    expect(Math.round((deleteAt.getTime() - Date.now()) / DAY)).toBe(30);
    expect((await owner!.get('/companies')).status).toBe(401);
    expect((await admin!.post('/companies', { name: 'Raviga' })).status).toBe(401);
    await until('its socket is closed', () => socket.socket.disconnected);
    const refused = await signIn(home.slug);
    expect(refused).toMatchObject({
      status: 403,
      body: { error: { code: 'WORKSPACE_SUSPENDED' } },
    });
    expect(refused.body.error.message).toContain(deletionDay(deleteAt));
    await until('both owners have a mail', async () => (await mails()).length === 2);
    const told = await mails();
    expect(told.map(({ to }) => to).sort()).toEqual([owner!.email, person.email].sort());
    expect(told[0]!.text).toContain(deletionDay(deleteAt));
    expect((await stranger!.get('/companies')).status).toBe(200);
    // The housekeeping begins nothing before its time, and tells nobody twice.
    await server.settled();
    await beginDeletions(server.platform, clock());
    const { rows } = await server.test.admin((client) =>
      client.query('SELECT kind FROM job WHERE kind LIKE $1', ['workspace-deletion%']),
    );
    expect(rows).toEqual([{ kind: 'workspace-deletion-notice' }]);
  });

  it('is taken back by the operator, and everything is as it was', async () => {
    const kept = await cli('keep');
    expect(kept.json()).toMatchObject({ status: 'active', deleteAt: null });
    await until('it is open', isOpen);
    expect((await signIn(home.slug)).status).toBe(200);
    // Not destroyed when its time would have been up.
    await beginDeletions(server.platform, new Date(Date.now() + 40 * DAY));
    expect(await isOpen()).toBe(true);
  });

  it('is begun by the operator as well, who names it once more', async () => {
    expect(await cli('delete')).toMatchObject({ code: 2 });
    expect(await cli('delete --slug another')).toMatchObject({ code: 2 });
    expect(await isOpen()).toBe(true);
    const closed = await cli(`delete --slug ${home.slug}`);
    expect(closed.json()).toMatchObject({ slug: home.slug, deleteAt: expect.any(String) });
    const again = await cli('reactivate');
    expect(again.json()).toMatchObject({ status: 'active', deleteAt: null });
    await until('it is open', isOpen);
  });

  it('is destroyed when its time is up, and answers as if it had never been', async () => {
    expect((await remove(owner!)).status).toBe(200);
    await server.settled();
    ahead = 31 * DAY;
    await beginDeletions(server.platform, clock());
    const recorded = async () => {
      const { rows } = await server.test.admin((client) =>
        client.query<{ data: string }>(
          `SELECT data FROM es_event WHERE type = 'WorkspaceDestroyed'`,
        ),
      );
      return rows;
    };
    await until('it is destroyed', async () => (await recorded()).length === 1);
    ahead = 0;
    expect(JSON.parse((await recorded())[0]!.data)).toMatchObject({
      ...{ tenantId: home.tenantId, byType: 'user', byId: owner!.id },
    });
    expect((await owner!.get('/companies')).status).toBe(401);
    const graphql = await server.request('/graphql', {
      method: 'POST',
      token: owner!.token,
      body: { query: '{ companies { totalCount } }' },
    });
    expect(graphql.text).toContain('UNAUTHENTICATED');
    for (const path of ['login', 'forgot-password', 'sso/discover']) {
      const ask = (workspace: string) =>
        server.request(`/api/v1/auth/${path}`, {
          method: 'POST',
          body: {
            ...{ workspace, email: person.email },
            ...(path === 'login' ? { password } : {}),
          },
        });
      const [gone, never] = await Promise.all([ask(home.slug), ask('never-there')]);
      const said = ({ status, body: { data, error } }: typeof gone) => ({ status, data, error });
      expect([path, said(gone)]).toEqual([path, said(never)]);
    }
    expect((await stranger!.get('/companies')).status).toBe(200);
    expect((await cli('keep')).out).toContain('NOT_FOUND');
    expect(server.problems).toEqual([]);
  });
});
