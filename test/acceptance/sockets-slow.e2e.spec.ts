import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Socket as TcpSocket } from 'node:net';
import type { Accepted } from '#kernel/command';
import { comparePositions } from '#platform/event-store/port';
import { systemContext } from '#platform/platform';
import { liveSocket, until, type LiveSocket } from '#test/support/live-socket';
import { startTestServer, type TestServer, type TestUser } from '#test/support/server';

const WORKSPACE = [{ to: 'workspace' }] as const;
const RECORDS = 600;

describe('a socket that is read slowly', () => {
  let server: TestServer;
  let [slow, quick]: TestUser[] = [];
  let records: readonly Accepted[];
  beforeAll(async () => {
    const sockets = { pauseMs: 5, waiting: 2, patienceMs: 500, messagesPerMinute: 100_000 };
    server = await startTestServer({}, { sockets });
    const workspace = await server.workspace();
    slow = await workspace.person('member');
    quick = await workspace.person('member');
    const ctx = systemContext(workspace.tenantId, 'spec');
    records = (await Promise.all(
      Array.from({ length: RECORDS }, (_, n) =>
        server.platform.dispatch('CreateCompany', { name: `Company ${n}` }, ctx),
      ),
    )) as Accepted[];
    await server.settled();
  });
  afterAll(() => server.close());

  /** The connection below a client. */
  const tcpOf = ({ socket }: LiveSocket) =>
    (socket.io.engine.transport as unknown as { ws: { _socket: TcpSocket } }).ws._socket;

  it('R19 is cut off without harm to others, and goes on from where it was', async () => {
    const inOrder = [...records].sort((a, b) => comparePositions(a.position, b.position));
    const [first] = inOrder;
    const at = { type: 'company', id: first!.id };
    const reader = await liveSocket(server.url, slow!.token);
    const other = await liveSocket(server.url, quick!.token);
    await reader.watch(WORKSPACE, first!.position);
    await other.watch(WORKSPACE);
    await Promise.all([reader.look(at), other.look(at)]);
    const isThere = () => other.presence.at(-1)?.people.some(({ id }) => id === slow!.id) ?? false;
    await until('both look', isThere);
    await until('everything is there', () => reader.changes.length === RECORDS - 1);
    tcpOf(reader).pause();
    // It asks for the same again and again and takes nothing of it.
    const message = { what: [...WORKSPACE], after: first!.position };
    await until('it is cut off', () => {
      for (let n = 0; n < 5; n++) reader.socket.emit('watch', message, () => undefined);
      return !isThere();
    });
    expect((await quick!.get('/companies?limit=1')).status).toBe(200);
    tcpOf(reader).resume();
    await until('it knows', () => reader.socket.disconnected);
    // In the middle of what it was sent: what follows that comes once, and in order.
    const seen = inOrder.findIndex(({ position }) => position === reader.position);
    const back = await liveSocket(server.url, slow!.token);
    await back.watch(WORKSPACE, reader.position);
    const last = (await quick!.post('/companies', { name: 'Last' })).body.data.id as string;
    await until('it is told', () => back.changes.at(-1)?.id === last);
    const rest = seen < 0 ? [] : inOrder.slice(seen + 1).map(({ id }) => id);
    expect(back.changes.map(({ id }) => id)).toEqual([...rest, last]);
    await until('others are told as ever', () => other.changes.length === 1);
    for (const socket of [back, other]) socket.close();
  });
});
