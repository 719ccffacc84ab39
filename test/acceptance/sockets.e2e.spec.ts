import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { SOCKET_LIMITS, type Watched } from '#apps/api/sockets/protocol';
import { socketOperations } from '#apps/api/sockets/socket-rights';
import { userRoles } from '#event-schemas/identity/user.events';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { systemContext } from '#platform/platform';
import { liveSocket, until, type ConnectOptions, type LiveSocket } from '#test/support/live-socket';
import {
  startTestServer,
  type TestServer,
  type TestUser,
  type TestWorkspace,
} from '#test/support/server';

const WORKSPACE: readonly Watched[] = [{ to: 'workspace' }];

describe('sockets', () => {
  let server: TestServer;
  let workspace: TestWorkspace;
  let owner: TestUser;
  let member: TestUser;
  const open: LiveSocket[] = [];
  beforeAll(async () => {
    server = await startTestServer(
      { trustedProxies: ['127.0.0.1'] },
      { sockets: { checkMs: 500, pauseMs: 20, messagesPerMinute: 150 } },
    );
    workspace = await server.workspace();
    owner = await workspace.person('owner');
    member = await workspace.person('member');
    await server.settled();
  });
  afterEach(() => {
    for (const socket of open.splice(0)) socket.close();
  });
  afterAll(() => server.close());

  const connect = async (token?: string, options?: ConnectOptions) => {
    const socket = await liveSocket(server.url, token, options);
    open.push(socket);
    return socket;
  };
  const watching = async (user: TestUser, what = WORKSPACE, after?: string) => {
    const socket = await connect(user.token);
    const answer = await socket.watch(what, after);
    expect(answer).toMatchObject({ ok: true });
    return socket;
  };
  const create = async (user: TestUser, name: string) =>
    (await user.post('/companies', { name })).body.data.id as string;
  const told = async (socket: LiveSocket, id: string, times = 1) =>
    until(`${id} is told of`, () => socket.changes.filter((one) => one.id === id).length >= times);

  it('tell what changed by the names of fields, and no value', async () => {
    const socket = await watching(member);
    const id = await create(owner, 'Hooli secret');
    await told(socket, id);
    await owner.patch(`/companies/${id}`, { industry: 'software' });
    await told(socket, id, 2);
    expect(socket.changes).toMatchObject([
      { type: 'company', id, action: 'created', version: 1, actor: { id: owner.id } },
      { type: 'company', id, action: 'updated', version: 2, fields: ['industry'] },
    ]);
    expect(socket.changes[0]!.fields).toContain('name');
    expect(JSON.stringify(socket.changes)).not.toMatch(/Hooli|software/);
  });

  it('S18 leave out the names of fields the reader does not see', async () => {
    const other = await server.workspace();
    const [boss, reader] = [await other.person('owner'), await other.person('member')];
    const limit = { role: 'member', collection: 'companies', hidden: ['industry'], readOnly: [] };
    expect((await boss.request('/tenant/field-limit', { method: 'PUT', body: limit })).status).toBe(
      200,
    );
    const [all, some] = [await watching(boss), await watching(reader)];
    const id = await create(boss, 'Hooli');
    await boss.patch(`/companies/${id}`, { industry: 'films', website: 'https://hooli.example' });
    await Promise.all([told(all, id, 2), told(some, id, 2)]);
    const fields = (socket: LiveSocket) => socket.changes.at(-1)!.fields;
    expect([...fields(all)].sort()).toEqual(['industry', 'website']);
    expect(fields(some)).toEqual(['website']);
  });

  it('tell those alone who came and went to whom the access log is open', async () => {
    const [all, some] = [await watching(owner), await watching(member)];
    const login = async (given: string) => {
      const { email } = person;
      const body = { workspace: workspace.slug, email, password: given };
      return server.request('/api/v1/auth/login', { method: 'POST', body });
    };
    const person = await workspace.withPassword('viewer', 'paper boats on quiet water');
    expect((await login('another one altogether')).status).toBe(401);
    expect((await login('paper boats on quiet water')).status).toBe(200);
    await server.settled();
    const id = await create(owner, 'Afterwards');
    await Promise.all([told(all, id), told(some, id)]);
    const actions = (socket: LiveSocket) =>
      socket.changes.filter((one) => one.id === person.id).map(({ action }) => action);
    expect(actions(all).sort()).toEqual(['created', 'sign_in_failed', 'signed_in']);
    expect(actions(some)).toEqual(['created']);
  });

  it('tell of one record, of one type, and of the board of one pipeline', async () => {
    const pipelineOf = async (name: string) => {
      const stages = ['open', 'won', 'lost'].map((kind) => ({ name: kind, kind }));
      const answer = await owner.post('/pipelines', { name, stages });
      expect(answer.body.error).toBeUndefined();
      return answer.body.data.id as string;
    };
    const [here, elsewhere] = [await pipelineOf('Here'), await pipelineOf('Elsewhere')];
    const id = await create(owner, 'Watched');
    await server.settled();
    const record = await watching(member, [{ to: 'record', type: 'company', id }]);
    const related = await watching(member, [{ to: 'record', type: 'company', id, related: true }]);
    const type = await watching(member, [{ to: 'type', type: 'deal' }]);
    const board = await watching(member, [{ to: 'board', id: here }]);
    const deal = async (name: string, pipelineId: string) => {
      const currency = { amount: { amountMinor: '100', currency: 'USD' } };
      const answer = await owner.post('/deals', { name, pipelineId, ...currency });
      expect(answer.body.error).toBeUndefined();
      return answer.body.data.id as string;
    };
    const [first, second] = [await deal('Here', here), await deal('There', elsewhere)];
    await owner.patch(`/companies/${id}`, { industry: 'films' });
    await told(record, id);
    await told(type, second);
    await told(board, first);
    expect(record.changes.map((one) => one.id)).toEqual([id]);
    const note = { content: 'Called.', relatedToType: 'company', relatedToId: id };
    await owner.post('/notes', { ...note, relatedToId: await create(owner, 'Another') });
    const { body } = await owner.post('/notes', note);
    await told(related, body.data.id);
    expect(related.changes.map((one) => one.id)).toEqual([id, body.data.id]);
    expect(type.changes.map((one) => one.id)).toEqual([first, second]);
    expect(board.changes.map((one) => one.id)).toEqual([first]);
  });

  it('need a token, and a page of this site', async () => {
    await expect(connect()).rejects.toThrow('UNAUTHENTICATED');
    await expect(connect('x.y.z'.repeat(10))).rejects.toThrow('UNAUTHENTICATED');
    await expect(connect(member.token, { origin: 'https://evil.example' })).rejects.toThrow();
    await connect(member.token, { origin: server.url });
  });

  it('S10 a page of another site opens no socket, whatever it knows', async () => {
    const origins = ['null', 'https://evil.example', `${server.url}.evil.example`];
    for (const origin of origins) {
      await expect(connect(owner.token, { origin })).rejects.toThrow();
    }
  });

  it('S16 tell nobody of another workspace, not even that a record exists', async () => {
    const stranger = await (await server.workspace()).person('owner');
    const id = await create(owner, 'Ours');
    await server.settled();
    const theirs = await watching(stranger);
    const absent = [
      await theirs.watch([{ to: 'record', type: 'company', id }]),
      await theirs.watch([{ to: 'record', type: 'company', id: uuidv7() }]),
      await theirs.look({ type: 'company', id }),
    ];
    for (const answer of absent) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
    }
    await owner.patch(`/companies/${id}`, { industry: 'ours' });
    const own = await create(stranger, 'Theirs');
    await told(theirs, own);
    expect(theirs.changes.map((one) => one.id)).toEqual([own]);
  });

  it('S16 an API key hears of what it may read, and its holder of their own notifications', async () => {
    const made = await member.post('/api-keys', { name: 'Live', scopes: ['companies:read'] });
    const socket = await connect(made.body.data.key);
    expect(await socket.watch([{ to: 'type', type: 'contact' }])).toMatchObject({
      ok: false,
      error: { code: 'FORBIDDEN' },
    });
    expect(await socket.watch(WORKSPACE)).toMatchObject({ ok: true });
    const bell = await watching(member, [{ to: 'notifications' }]);
    // What came before is told to nobody who listens from now on.
    await server.settled();
    const whole = await watching(owner);
    const task = await owner.post('/tasks', { title: 'Call them back' });
    const ctx = systemContext(workspace.tenantId, 'spec');
    const about = { relatedToType: 'task', relatedToId: task.body.data.id };
    const input = { recipientId: member.id, reason: 'assigned', ...about };
    const raised = (await server.platform.dispatch('RaiseNotification', input, ctx)) as Accepted;
    const id = await create(owner, 'Seen');
    await told(socket, id);
    expect(socket.changes.map(({ type }) => type)).toEqual(['company']);
    await until('the bell rings', () => bell.heard.length > 0);
    expect(bell.heard).toEqual([
      { name: 'notification:new', message: { id: raised.id, position: raised.position } },
    ]);
    await told(whole, id);
    expect(whole.changes.map(({ type }) => type)).toEqual(['task', 'company']);
  });

  it('go on after a position, once and in order, whatever came meanwhile', async () => {
    const socket = await watching(member);
    const ids = [await create(owner, 'Before')];
    await told(socket, ids[0]!);
    const { position } = socket;
    socket.close();
    for (let n = 0; n < 30; n++) ids.push(await create(owner, `Meanwhile ${n}`));
    const back = await watching(member, WORKSPACE, position);
    ids.push(await create(owner, 'After'));
    await told(back, ids.at(-1)!);
    expect(back.changes.map((one) => one.id)).toEqual(ids.slice(1));
    // From a place inside, also while others listen.
    const middle = back.changes[9]!;
    const again = await watching(member, WORKSPACE, middle.position);
    await told(again, ids.at(-1)!);
    expect(again.changes.map((one) => one.id)).toEqual(ids.slice(11));
  });

  it('say when a position is too old, or none of this log', async () => {
    const socket = await connect(member.token);
    for (const after of ['7.1.1.0', `0.${'9'.repeat(18)}.1.0`]) {
      const answer = await socket.watch(WORKSPACE, after);
      expect(answer).toMatchObject({ ok: true, resync: true });
      expect(answer.position).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    }
    expect(await socket.watch(WORKSPACE, 'yesterday')).toMatchObject({
      ok: false,
      error: { code: 'VALIDATION_ERROR', details: [{ field: 'after', rule: 'position' }] },
    });
    const id = await create(owner, 'From now on');
    await told(socket, id);
    expect(socket.changes.map((one) => one.id)).toEqual([id]);
  });

  it('refuse what does not have the shape, and who says too much', async () => {
    const socket = await connect(member.token);
    const wrong = [
      [[{ to: 'everything' }], 'what[0].to'],
      [[{ to: 'record', type: 'company' }], 'id'],
      [[{ to: 'type', type: 'unheard' }], 'type'],
      [[{ to: 'record', type: 'company', id: 'x' }], 'what[0].id'],
      [[{ to: 'workspace', tenantId: uuidv7() }], 'what[0].tenantId'],
      [Array.from({ length: 21 }, () => ({ to: 'workspace' })), 'what'],
    ] as const;
    for (const [what, field] of wrong) {
      const { ok, error } = await socket.watch(what as unknown as Watched[]);
      expect([ok, error.code, error.details[0].field]).toEqual([false, 'VALIDATION_ERROR', field]);
      expect(error.details[0].remedy).toBeDefined();
    }
    for (let n = 0; n < 160; n++) void socket.watch([]).catch(() => undefined);
    await until('it is over', () => socket.socket.disconnected);
    expect(socket.heard).toMatchObject([{ name: 'end', message: { code: 'TOO_MANY_MESSAGES' } }]);
  });

  it('S9 close when the session ends, the person is shut out, or the key is revoked', async () => {
    // Here rights are read again twice a second; in the product three times a minute.
    expect(SOCKET_LIMITS.checkMs).toBeLessThan(30_000);
    const [leaving, shutOut] = [await workspace.person('member'), await workspace.person('member')];
    const changed = await workspace.person('member');
    const made = await member.post('/api-keys', { name: 'Short', scopes: ['companies:read'] });
    const { apiKey, key } = made.body.data;
    const sockets = await Promise.all(
      [leaving.token, shutOut.token, changed.token, key, member.token].map((one) => connect(one)),
    );
    for (const socket of sockets) expect(await socket.watch(WORKSPACE)).toMatchObject({ ok: true });
    await leaving.post('/auth/logout');
    await server.settled();
    const out = await owner.post(`/users/${shutOut.id}/deactivate`);
    expect(out.body.error).toBeUndefined();
    expect((await member.delete(`/api-keys/${apiKey.id}`)).status).toBeLessThan(300);
    const ctx = systemContext(workspace.tenantId, 'spec');
    const input = { how: 'reset', sessionsEnded: false };
    const reset = await server.platform.dispatch('RecordPasswordChange', input, ctx, {
      id: changed.id,
    });
    expect(reset).not.toHaveProperty('refused');
    const ending = sockets.slice(0, 4);
    await until('they are closed', () => ending.every(({ socket }) => socket.disconnected));
    for (const { heard } of ending) {
      expect(heard).toMatchObject([{ name: 'end', message: { code: 'UNAUTHENTICATED' } }]);
    }
    const rules = ending.map(({ heard }) => heard[0]!.message.details[0]?.rule);
    expect(rules.slice(0, 3)).toEqual(['token', 'account', 'token']);
    expect(sockets[4]!.socket.connected).toBe(true);
  });

  it('show who looks at a record, until they leave', async () => {
    const id = await create(owner, 'Looked at');
    await server.settled();
    const at = { type: 'company', id };
    const [mine, theirs] = [await connect(owner.token), await connect(member.token)];
    expect(await mine.look(at)).toEqual({ ok: true });
    const ids = (socket: LiveSocket) => socket.presence.at(-1)?.people.map((one) => one.id) ?? [];
    await until('one is there', () => ids(mine).length === 1);
    await theirs.look(at);
    await until('both are there', () => ids(mine).length === 2 && ids(theirs).length === 2);
    expect(mine.presence.at(-1)).toEqual({
      ...at,
      people: [
        { id: owner.id, name: 'Person owner', edits: false },
        { id: member.id, name: 'Person member', edits: false },
      ],
    });
    await theirs.look({ ...at, edits: true });
    const edits = () => mine.presence.at(-1)?.people.map((one) => one.edits);
    await until('one edits', () => edits()?.[1] === true);
    expect(edits()).toEqual([false, true]);
    await theirs.look();
    await until('one left', () => ids(mine).length === 1);
    await theirs.look(at);
    await until('both are there again', () => ids(mine).length === 2);
    theirs.close();
    await until('one is gone', () => ids(mine).length === 1);
  });

  it('S17 every message answers every role as the reviewed table says', async () => {
    const { registry } = server.platform;
    const lines = readFileSync(new URL('matrix/golden.csv', import.meta.url), 'utf8').split('\n');
    const heading = lines[0]!.split(',');
    const declared = socketOperations(registry).map(({ name }) => name);
    const table = lines.filter((line) => line.startsWith('socket ')).map((one) => one.split(','));
    expect(table.map(([name]) => name)).toEqual(declared);
    for (const role of userRoles) {
      const socket = await connect((await workspace.person(role)).token);
      const ask = ([, message, kind, type]: string[]) => {
        const id = uuidv7();
        if (message === 'connect') return { ok: true };
        if (message === 'look') return socket.look({ type: kind!, id });
        const what = { to: kind!, ...(type ? { type } : {}) };
        return socket.watch([(/record|board/.test(kind!) ? { ...what, id } : what) as Watched]);
      };
      const asked = table.filter((row) => !row[0]!.endsWith('connect'));
      const found: string[] = [];
      for (const [name] of asked) {
        const answer = (await ask(name!.split(' '))) as { ok: boolean; error?: { code: string } };
        // Nobody has these records: who may read such records is told so, and nobody else.
        found.push(`${name} ${!answer.ok && answer.error!.code !== 'NOT_FOUND' ? '-' : 'yes'}`);
      }
      const column = heading.indexOf(role);
      const expected = asked.map((row) => `${row[0]} ${row[column] === '-' ? '-' : 'yes'}`);
      expect({ role, found }).toEqual({ role, found: expected });
      socket.close();
    }
  });
});
