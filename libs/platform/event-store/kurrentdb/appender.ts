import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { failpoint } from '../../failpoints.js';
import type { LoginRole } from '../../postgres/database.js';
import type { AppendOutcome, AppendRequest, StreamAppend } from '../port.js';
import type { Claims, FoundClaim } from './claims.js';
import { kindOf, LogRefusedError, LogUnavailableError, pauseBefore } from './errors.js';
import { KeyedLocks } from './keyed-locks.js';
import {
  claimOf,
  EMPTY,
  headAt,
  serverEvents,
  type Claim,
  type Head,
  type PreparedStream,
  type ServerPosition,
} from './records.js';
import type { KurrentDbServer, StreamWrite } from './server.js';

/** Seconds after which another's append is carried out by whoever waits for it. */
const HELP_AFTER = 2;
/** Milliseconds an append may wait for others before its caller is asked to come back. */
const PATIENCE_MS = 30_000;
/** Ends of streams that are remembered; a wrong one costs a round trip and nothing else. */
const REMEMBERED = 10_000;

const isMet = (expected: StreamAppend['expected'], actual: number) =>
  expected === 'any' ||
  (expected === 'exists' ? actual > 0 : actual === (expected === 'none' ? 0 : expected));

type Moved = 'moved';

/**
 * Appends to KurrentDB: the command id is claimed in PostgreSQL with the whole append, the events
 * go to the server at exact revisions, then the claim is settled. Whoever finds a claim whose owner
 * has gone carries it out: the same events at the same revisions change nothing when they are
 * stored already.
 */
export class Appender {
  private readonly heads = new Map<string, Head>();
  private readonly locks = new KeyedLocks();

  constructor(
    private readonly server: KurrentDbServer,
    private readonly claims: Claims,
    private readonly epoch: number,
    private readonly clock: () => number,
  ) {}

  append(request: AppendRequest): Promise<AppendOutcome> {
    const { tenantId, commandId, streams } = request;
    const keys = [commandId, ...streams.map(({ streamId }) => streamId)];
    return this.locks.run(
      keys.map((key) => `${tenantId}/${key}`),
      () => this.attempts(request),
    );
  }

  private async attempts(request: AppendRequest): Promise<AppendOutcome> {
    const end = performance.now() + PATIENCE_MS;
    for (let attempt = 0; performance.now() < end; attempt++) {
      const answer = await this.attempt(request, attempt > 0);
      if (answer === 'moved') continue;
      if (!('claim' in answer)) return answer;
      if (answer.seconds > HELP_AFTER) await this.carryOut(answer.claim);
      else await sleep(Math.min(100, pauseBefore(attempt)));
    }
    throw new LogUnavailableError('The streams of this command are busy; try again shortly.');
  }

  private async attempt(
    request: AppendRequest,
    again: boolean,
  ): Promise<AppendOutcome | FoundClaim | Moved> {
    const heads = new Map<string, Head>();
    await Promise.all(
      request.streams.map(async (stream) =>
        heads.set(stream.streamId, await this.headFor(request.tenantId, stream, again)),
      ),
    );
    const conflict = request.streams.find(
      ({ streamId, expected }) => !isMet(expected, heads.get(streamId)!.version),
    );
    const claim = claimOf(request, heads, this.clock(), randomUUID());
    const answer = conflict
      ? await this.claims.look(request)
      : await this.claims.claim(request, claim, this.isAlone);
    switch (answer.status) {
      case 'claimed': {
        const stored = await this.carryOut(claim);
        return stored ? { status: 'appended', position: stored.position } : 'moved';
      }
      case 'unknown': {
        const { streamId } = conflict!;
        return { status: 'conflict', streamId, actual: heads.get(streamId)!.version };
      }
      default:
        return answer;
    }
  }

  /** Without checks on the server, claims keep others away from their streams. */
  private get isAlone(): boolean {
    return !this.server.can.checks;
  }

  /** The end of a stream: remembered where it fits, else read. */
  private async headFor(tenantId: string, stream: StreamAppend, again: boolean): Promise<Head> {
    const { streamId, expected, events } = stream;
    const name = this.server.names.of(tenantId, streamId);
    if (!again) {
      const known = this.heads.get(name);
      if (known && isMet(expected, known.version)) return known;
      // A new stream: the server itself says when it is there.
      const isNew = (expected === 'none' || expected === 0) && events.length > 0;
      if (isNew && !known) return EMPTY;
    }
    const last = await this.server.last(name, this.epoch);
    const head = last ? headAt(last) : EMPTY;
    if (last) this.remember(name, head);
    return head;
  }

  private remember(name: string, head: Head): void {
    this.heads.delete(name);
    this.heads.set(name, head);
    if (this.heads.size > REMEMBERED) this.heads.delete(this.heads.keys().next().value!);
  }

  /** Carries a claim out, whoever made it; undefined when its streams have moved on. */
  async carryOut(claim: Claim, role: LoginRole = 'api') {
    failpoint('before_append');
    let at: ServerPosition | Moved;
    try {
      at = await this.write(claim);
    } catch (error) {
      // Refused for good: the command id is free again. Otherwise nobody knows, and it stays.
      if (error instanceof LogRefusedError && !(await this.isBegun(claim))) {
        await this.claims.release(claim, role);
      }
      throw error;
    }
    if (at === 'moved') {
      for (const { streamId } of claim.streams) this.heads.delete(this.name(claim, streamId));
      await this.claims.release(claim, role);
      return undefined;
    }
    failpoint('after_append_before_ack');
    const stored = await this.claims.settle(claim, at, role);
    for (const { streamId, events } of claim.streams) {
      this.remember(this.name(claim, streamId), events.at(-1)!);
    }
    return stored;
  }

  private name({ tenantId }: Claim, streamId: string): string {
    return this.server.names.of(tenantId, streamId);
  }

  private async write(claim: Claim): Promise<ServerPosition | Moved> {
    const { streams, checks } = claim;
    const writes = streams.map((stream) => this.writeOf(claim, stream));
    if (writes.length === 1 && checks.length === 0) {
      const at = await this.unlessMoved(() => this.server.append(writes[0]!));
      if (at === 'moved') return this.afterMoving(claim);
      return at ?? this.placeOf(claim);
    }
    if (!this.server.can.checks) return this.writeAlone(claim, writes);
    const guards = checks.map(({ streamId, expected }) => ({
      name: this.name(claim, streamId),
      expected,
    }));
    const done = await this.unlessMoved(() => this.server.appendChecked(writes, guards));
    return done === 'moved' ? this.afterMoving(claim) : this.placeOf(claim);
  }

  private writeOf(claim: Claim, stream: PreparedStream): StreamWrite {
    const { streamId, after } = stream;
    return { name: this.name(claim, streamId), after, events: serverEvents(claim, stream) };
  }

  private async unlessMoved<T>(work: () => Promise<T>): Promise<T | Moved> {
    try {
      return await work();
    } catch (error) {
      if (kindOf(error) === 'moved') return 'moved';
      throw error;
    }
  }

  /** Nobody else writes to the streams of the claim, so they can be written one by one. */
  private async writeAlone(claim: Claim, writes: readonly StreamWrite[]) {
    const done = await Promise.all(claim.streams.map((stream) => this.isStored(claim, stream)));
    if (!done.includes(true)) {
      const fits = await Promise.all([
        ...claim.streams.map(({ streamId, after }) => this.isAt(claim, streamId, after)),
        ...claim.checks.map(({ streamId, expected }) => this.isAt(claim, streamId, expected)),
      ]);
      if (fits.includes(false)) return 'moved';
      if (this.server.can.severalStreams && writes.length > 1) {
        const all = await this.unlessMoved(() => this.server.appendSeveral(writes));
        return all === 'moved' ? this.afterMoving(claim) : this.placeOf(claim);
      }
    }
    for (const [index, write] of writes.entries()) {
      if (done[index]) continue;
      const one = await this.unlessMoved(() => this.server.append(write));
      if (one === 'moved') return this.afterMoving(claim);
    }
    return this.placeOf(claim);
  }

  private async isAt(claim: Claim, streamId: string, expected: number | 'exists') {
    const last = await this.server.last(this.name(claim, streamId), this.epoch);
    return isMet(expected, last?.version ?? 0);
  }

  /** Whether the events of a claim stand in a stream where they belong. */
  private async isStored(claim: Claim, { streamId, after, events }: PreparedStream) {
    const found = await this.server.at(this.name(claim, streamId), after + 1, this.epoch);
    return found?.eventId === events[0]!.eventId;
  }

  private async isBegun(claim: Claim): Promise<boolean> {
    const stored = await Promise.all(claim.streams.map((stream) => this.isStored(claim, stream)));
    return stored.includes(true);
  }

  /** A stream is not where it was: either this very append was stored before, or another's. */
  private async afterMoving(claim: Claim): Promise<ServerPosition | Moved> {
    const stored = await Promise.all(claim.streams.map((stream) => this.isStored(claim, stream)));
    if (!stored.includes(true)) return 'moved';
    if (!stored.includes(false)) return this.placeOf(claim);
    throw new LogRefusedError(
      `The streams of command ${claim.commandId} were written by something else while it was ` +
        'being appended; every process must reach the same KurrentDB version.',
    );
  }

  /** Where the last event of a stored claim stands. */
  private async placeOf(claim: Claim): Promise<ServerPosition> {
    const { streamId, events } = claim.streams.at(-1)!;
    const last = await this.server.at(
      this.name(claim, streamId),
      events.at(-1)!.version,
      this.epoch,
    );
    if (!last) throw new LogUnavailableError('KurrentDB does not show yet what was appended.');
    return last.at;
  }
}
