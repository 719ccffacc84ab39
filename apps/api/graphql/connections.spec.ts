import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { unauthenticated } from '../http/answers.js';
import type { Caller } from '../http/request-context.js';
import { ValueStream, MAX_WAITING } from './change-stream.js';
import { Connection, OpenSockets } from './connections.js';

class FakeSocket extends EventEmitter {
  code: number | undefined;
  close(code: number): void {
    this.code = code;
    this.emit('close');
  }
}

const request = { id: 'r', ip: '203.0.113.7', headers: { host: 'hooli.example' } };

describe('a connection for subscriptions', () => {
  let tokens: (string | undefined)[];
  let signedIn: boolean;
  let socket: FakeSocket;
  let connection: Connection;
  let sockets: OpenSockets;
  const person = { tenantId: 't', actor: { type: 'user', id: 'gavin' } };
  const callerOf = ({ headers }: FastifyRequest) => {
    tokens.push(headers.authorization);
    return Promise.resolve(signedIn ? (person as Caller) : unauthenticated());
  };
  const connect = (to: FakeSocket) =>
    new Connection(to, request as FastifyRequest, { callerOf }, sockets);
  beforeEach(() => {
    jest.useFakeTimers();
    tokens = [];
    signedIn = true;
    socket = new FakeSocket();
    sockets = new OpenSockets();
    connection = connect(socket);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('takes the token of connection_init, and no other', async () => {
    await connection.open({ Authorization: 'Bearer one' });
    await connection.open({ headers: { authorization: 'Bearer two' } });
    await connection.open('Bearer three');
    expect(tokens).toEqual(['Bearer one', 'Bearer two', undefined]);
    expect(connection.caller()).toEqual(person);
  });

  it('are twenty per person at most', async () => {
    const all = Array.from({ length: 20 }, () => new FakeSocket());
    for (const one of all) {
      expect(await connect(one).open({ Authorization: 'Bearer one' })).toBe(person);
    }
    const refused = await connection.open({ Authorization: 'Bearer one' });
    expect(refused).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', category: 'limit' });
    expect([socket.code, all[0]!.code]).toEqual([4429, undefined]);
    all[0]!.close(1000);
    expect(await connect(new FakeSocket()).open({ Authorization: 'Bearer one' })).toBe(person);
  });

  it('closes without a caller', async () => {
    signedIn = false;
    expect(await connection.open({})).toMatchObject({ category: 'unauthenticated' });
    expect(socket.code).toBe(4401);
  });

  it('ends with the session within a minute, and everything subscribed to with it', async () => {
    await connection.open({ Authorization: 'Bearer one' });
    const ended = jest.fn();
    const stream = new ValueStream<number>(() => Promise.resolve(true), ended);
    expect(connection.take(stream)).toBe(true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect([socket.code, ended.mock.calls.length]).toEqual([undefined, 0]);
    signedIn = false;
    await jest.advanceTimersByTimeAsync(60_000);
    expect([socket.code, ended.mock.calls.length]).toEqual([4401, 1]);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    const asked = tokens.length;
    await jest.advanceTimersByTimeAsync(120_000);
    expect(tokens).toHaveLength(asked);
  });
});

describe('the values of a subscription', () => {
  const even = (n: number) => Promise.resolve(n % 2 === 0);

  it('come in order, the wanted ones, also when they are waited for', async () => {
    const stream = new ValueStream<number>(even, () => undefined);
    for (const n of [1, 2, 3, 4]) stream.push(n);
    expect(await stream.next()).toEqual({ value: 2, done: false });
    expect(await stream.next()).toEqual({ value: 4, done: false });
    const later = stream.next();
    stream.push(5);
    stream.push(6);
    expect(await later).toEqual({ value: 6, done: false });
  });

  it('end at once although somebody waits for the next one', async () => {
    const ended = jest.fn();
    const stream = new ValueStream<number>(even, ended);
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ value: undefined, done: true });
    stream.push(2);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it('end with an error when the subscriber cannot keep up, or cannot be asked for', async () => {
    const slow = new ValueStream<number>(even, () => undefined);
    for (let n = 0; n <= MAX_WAITING; n++) slow.push(n);
    expect(slow.done).toBe(true);
    await expect(slow.next()).rejects.toMatchObject({ extensions: { code: 'TOO_MANY_CHANGES' } });
    expect(await slow.next()).toEqual({ value: undefined, done: true });

    const broken = new ValueStream<number>(
      () => Promise.reject(new Error('no rights known')),
      () => undefined,
    );
    broken.push(2);
    await expect(broken.next()).rejects.toThrow('no rights known');
  });
});
