import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { AUDIENCE } from '#apps/api/api-options';
import type { ClientMessages, ServerMessages } from '#apps/api/sockets/protocol';
import type { Accepted } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import { isRefusal } from '#kernel/refusal';
import { startSession } from '#platform/auth/sessions';
import { AccessTokens } from '#platform/auth/tokens';
import { comparePositions } from '#platform/event-store/port';
import { systemContext } from '#platform/platform';
import { connectTo } from '#test/support/live-socket';
import type { Started } from './processes.js';
import type { FaultWorld } from './world.js';

export interface StormOptions {
  readonly sockets: number;
  readonly changesPerSecond: number;
  readonly seconds: number;
}

/** What a storm of changes over two processes came to, one of which was killed on the way. */
export interface Storm {
  readonly clients: number;
  /** Changes that were made. */
  readonly changes: number;
  /** Clients that have them all, each once, in the order of the log. */
  readonly complete: number;
  /** Clients that had to come back. */
  readonly resumed: number;
  /** Milliseconds from the last change until the last client had everything. */
  readonly lagMs: number;
  /** What went wrong, by client; the first few. */
  readonly problems: readonly string[];
}

/** Sockets one person may have. */
const PER_PERSON = 10;
const OPENING_AT_ONCE = 50;
const PATIENCE_MS = 60_000;
const PUBLIC_URL = 'http://localhost:3000';

type Client = Socket<ServerMessages, ClientMessages>;

/** One client that comes back by itself and goes on from where it was. */
class Listener {
  readonly seen: string[] = [];
  readonly problems: string[] = [];
  resumed = 0;
  private position: string | undefined;
  private socket: Client | undefined;
  private closed = false;

  constructor(
    private readonly token: string,
    /** Where it connects, the next one where that one is gone. */
    private readonly urls: readonly Started[],
  ) {}

  async open(): Promise<void> {
    while (!this.closed) {
      const server = this.urls.find((one) => one.isAlive());
      if (server && (await this.connect(server.url))) return;
      await pause(50 + Math.random() * 200);
    }
  }

  private async connect(url: string): Promise<boolean> {
    const socket = connectTo(url, this.token);
    this.socket = socket;
    socket.on('changes', ({ position, changes }) => {
      this.position = position;
      for (const { id, type } of changes) if (type === 'company') this.seen.push(id);
    });
    socket.on('resync', () => this.problems.push('had to read again'));
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('connect_error', () => resolve(false));
    });
    if (!isOpen) return socket.close() && false;
    const what = [{ to: 'workspace' as const }];
    const after = this.position;
    const answer = (await socket
      .timeout(20_000)
      .emitWithAck('watch', after === undefined ? { what } : { what, after })
      .catch(() => undefined)) as { ok: boolean; position: string; resync?: true } | undefined;
    if (!answer?.ok) return socket.close() && false;
    if (answer.resync) this.problems.push('came too late');
    if (after === undefined) this.position = answer.position;
    socket.once('disconnect', () => {
      if (this.closed) return;
      this.resumed += 1;
      void this.open();
    });
    // Gone while it was answered.
    if (socket.disconnected) return false;
    return true;
  }

  close(): void {
    this.closed = true;
    this.socket?.close();
  }
}

/** Tokens of as many people as so many sockets take. */
export async function tokensFor(
  { platform, tenantId }: FaultWorld,
  sockets: number,
): Promise<string[]> {
  const ctx = systemContext(tenantId, 'storm');
  const { masterKey } = platform.options;
  const { clock } = platform;
  const tokens = new AccessTokens({
    ...{ masterKey, issuer: PUBLIC_URL, audience: AUDIENCE, clock, minutes: 60 },
  });
  const made: string[] = [];
  // One after another: they take seats of the same workspace.
  for (let n = 0; n < Math.ceil(sockets / PER_PERSON); n++) {
    const id = uuidv7();
    const name = { firstName: 'Person', lastName: String(n), email: `p${n}@storm.example` };
    const input = { ...name, role: 'member', status: 'active' };
    const added = await platform.dispatch('CreateUser', input, ctx, { id });
    if (isRefusal(added)) throw new Error(added.message);
    const who = { tenantId, userId: id, client: { ip: '127.0.0.1', userAgent: 'storm' } };
    const { sessionId } = await platform.database.tenant(tenantId, (db) =>
      startSession(db, who, clock()),
    );
    made.push((await tokens.sign({ tenantId, userId: id, sessionId })).token);
  }
  return made;
}

/** Makes changes at a steady rate; their ids in the order of the log. */
async function makeChanges(
  { platform, tenantId }: FaultWorld,
  { changesPerSecond, seconds }: StormOptions,
  half: () => void,
): Promise<readonly string[]> {
  const ctx = systemContext(tenantId, 'storm');
  const made: Promise<Accepted>[] = [];
  const total = changesPerSecond * seconds;
  const started = Date.now();
  for (let n = 0; n < total; n++) {
    if (n === Math.floor(total / 2)) half();
    made.push(platform.dispatch('CreateCompany', { name: `Storm ${n}` }, ctx) as Promise<Accepted>);
    const due = started + ((n + 1) * 1_000) / changesPerSecond;
    if (due > Date.now()) await pause(due - Date.now());
  }
  const done = await Promise.all(made);
  return done.sort((a, b) => comparePositions(a.position, b.position)).map(({ id }) => id);
}

/**
 * Clients on two processes, changes at a steady rate, and half-way one process killed without a
 * word: its clients go to the other and go on from their last position.
 */
export async function socketStorm(world: FaultWorld, options: StormOptions): Promise<Storm> {
  const servers = [await world.start('server'), await world.start('server')] as const;
  const tokens = await tokensFor(world, options.sockets);
  const listeners = Array.from(
    { length: options.sockets },
    (_, n) => new Listener(tokens[n % tokens.length]!, n % 2 ? servers : [...servers].reverse()),
  );
  try {
    for (let n = 0; n < listeners.length; n += OPENING_AT_ONCE) {
      await Promise.all(listeners.slice(n, n + OPENING_AT_ONCE).map((one) => one.open()));
    }
    const made = await makeChanges(world, options, () => servers[0].kill());
    const last = Date.now();
    const isBehind = ({ seen }: Listener) => seen.length < made.length;
    while (listeners.some(isBehind) && Date.now() - last < PATIENCE_MS) await pause(20);
    const lagMs = Date.now() - last;
    // What comes twice comes late.
    await pause(500);
    const text = made.join();
    const complete = listeners.filter(({ seen }) => seen.join() === text).length;
    const problems = listeners.flatMap((one, n) => [
      ...one.problems.map((problem) => `client ${n} ${problem}`),
      ...(one.seen.join() === text ? [] : [`client ${n} has ${one.seen.length} changes`]),
    ]);
    return {
      clients: listeners.length,
      changes: made.length,
      complete,
      resumed: listeners.filter(({ resumed }) => resumed > 0).length,
      lagMs,
      problems: problems.slice(0, 10),
    };
  } finally {
    for (const listener of listeners) listener.close();
  }
}
