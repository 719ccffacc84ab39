import { fold, streamId, type Aggregate } from '#kernel/aggregate';
import type { AnyCommand, CommandResult, Outcome, Warning } from '#kernel/command';
import { scopeOf, type RequestContext } from '#kernel/context';
import type { EventMeta, Fact } from '#kernel/event';
import { deriveId, hashId, uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { canonicalJson } from '../event-store/canonical-json.js';
import type { EncodeSession, EventCodec } from '../event-store/codec.js';
import type { KeyRing } from '../event-store/key-ring.js';
import {
  AppendLimitError,
  START,
  type EventStore,
  type NewEvent,
  type StoredResult,
  type StreamAppend,
} from '../event-store/port.js';
import type { FactReader } from './fact-reader.js';
import type { Reservations, ReservationState } from './reservations.js';
import { validate } from './validation.js';

export interface DispatchOptions {
  /** The record addressed; a creating command may name its own new id. */
  readonly id?: string;
  /** The same id gives the same answer; a new one when left out. */
  readonly commandId?: string;
  /** `If-Match`: refuses with 412 unless the record has this revision. */
  readonly expectedRevision?: number;
  /** When it happened, for imported history. */
  readonly occurredAt?: Date;
}

export interface DispatcherParts {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly keys: KeyRing;
  readonly facts: FactReader;
  readonly reservations: Reservations;
  readonly clock: () => Date;
  /** Called after every commit, to wake the projectors of this process. */
  readonly committed?: () => void;
}

interface StoredAnswer {
  readonly refusal?: Refusal;
  readonly id?: string;
  readonly revision?: number;
  /** Set when the command changed nothing: the position of what was already there. */
  readonly position?: string;
  readonly warnings?: readonly Warning[];
}

const ATTEMPTS = 8;
const SNAPSHOT_EVERY = 200;
const forbidden = (permission: string) =>
  refusal('FORBIDDEN', 'forbidden', `Your role does not allow ${permission} here.`, [
    {
      rule: 'permission',
      message: `This needs the permission ${permission}.`,
      remedy: 'Ask an administrator of the workspace for a role that has it.',
    },
  ]);
const busy = refusal('CONFLICT', 'conflict', 'The record is being changed by others; try again.');
const reused = refusal(
  'IDEMPOTENCY_KEY_REUSED',
  'rule',
  'This idempotency key was used before with another request.',
  [{ field: 'Idempotency-Key', rule: 'unique', message: 'Send a new key for a new request.' }],
);

/** Loads, decides, appends; on a conflict reloads and decides again, a bounded number of times. */
export class CommandDispatcher {
  constructor(private readonly parts: DispatcherParts) {}

  async dispatch(
    command: AnyCommand,
    input: unknown,
    ctx: RequestContext,
    options: DispatchOptions = {},
  ): Promise<CommandResult> {
    const scope = scopeOf(ctx.grants, command.permission);
    if (!scope) return forbidden(command.permission);
    const invalid = validate(command.input, input);
    if (invalid) return invalid;
    const commandId = options.commandId ?? uuidv7();
    const id = options.id ?? deriveId(ctx.tenantId, commandId, 0);
    const requestHash = await this.parts.keys.digest(
      ctx.tenantId,
      'request',
      canonicalJson({
        command: command.name,
        id: command.creates ? options.id : id,
        input,
        revision: options.expectedRevision,
      }),
    );
    const call = { command, input, ctx, options, scope, commandId, id, requestHash };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const answer = await this.attempt(call);
        if (answer) return answer;
      } catch (error) {
        if (error instanceof AppendLimitError) {
          return refusal('TOO_LARGE', 'rule', error.message);
        }
        throw error;
      }
    }
    return busy;
  }

  /** One load, decision and append; undefined when others were faster. */
  private async attempt(call: Call): Promise<CommandResult | undefined> {
    const { command, ctx, id, commandId, requestHash } = call;
    const aggregate = command.aggregate as unknown as Aggregate;
    const stream = streamId(aggregate.category, id);
    const stateKey = `${aggregate.category}:${aggregate.stateVersion}`;
    const loaded = await this.parts.store.load(ctx.tenantId, stream, { commandId, stateKey });
    if (loaded.stored) {
      return loaded.stored.requestHash === requestHash ? answerOf(loaded.stored) : reused;
    }
    const base = loaded.snapshot?.version ?? 0;
    const from = loaded.snapshot
      ? (JSON.parse(
          await this.parts.keys.openForTenant(ctx.tenantId, loaded.snapshot.state, stream),
        ) as unknown)
      : aggregate.initial;
    const state = fold(aggregate, await this.parts.codec.decode(loaded.events), from);
    const revision = base + loaded.events.length;

    const refused = this.beforeDecision(call, aggregate, state, revision);
    if (refused) return refused;
    const caller = { tenantId: ctx.tenantId, actor: ctx.actor, id };
    const { values: facts, guards } = command.facts
      ? await this.parts.facts.read(
          ctx.tenantId,
          command.facts(call.input as never, state as never, caller),
        )
      : { values: {}, guards: [] };
    const decision = command.decide(call.input as never, state as never, {
      ...caller,
      now: this.parts.clock(),
      newId: (n) => deriveId(ctx.tenantId, commandId, n + 1),
      facts: facts as never,
    });
    const session = this.parts.codec.session(ctx.tenantId);
    if (isRefusal(decision)) return this.store(call, session, [], { refusal: decision });
    const outcome: Outcome<Fact> = Array.isArray(decision)
      ? { events: decision as readonly Fact[] }
      : (decision as Outcome<Fact>);
    const reserved = await this.reserve(call, session, outcome);
    if (isRefusal(reserved)) return this.store(call, session, [], { refusal: reserved });

    const events = await this.encode(call, session, stream, outcome.events, 1);
    const own = events.length > 0 ? [{ streamId: stream, expected: revision, events }] : [];
    const answer: StoredAnswer = {
      id,
      revision: revision + events.length,
      ...(events.length === 0 ? { position: loaded.events.at(-1)?.position ?? START } : {}),
      ...(outcome.warnings?.length ? { warnings: outcome.warnings } : {}),
    };
    const others = guards.filter(({ streamId: guarded }) => guarded !== stream);
    const result = await this.store(
      call,
      session,
      [...own, ...reserved.streams, ...others],
      answer,
    );
    // Only now: released before the append, a value still in use could be taken by another.
    if (result && !isRefusal(result)) for (const release of reserved.afterwards) await release();
    if (result && loaded.events.length + events.length >= SNAPSHOT_EVERY) {
      const after = fold(aggregate, outcome.events, state);
      await this.snapshot(call, stream, stateKey, revision + events.length, after);
    }
    return result;
  }

  /** Scope and `If-Match`, which need the state but no rule of the business. */
  private beforeDecision(
    { command, ctx, scope, options }: Call,
    aggregate: Aggregate,
    state: unknown,
    revision: number,
  ): Refusal | undefined {
    if (scope !== 'all' && !command.creates && aggregate.status(state) !== 'absent') {
      const owner = aggregate.owner?.(state) ?? null;
      const mine = owner === ctx.actor.id;
      const team = scope === 'team' && owner !== null && ctx.teamUserIds?.includes(owner);
      if (!mine && !team) return forbidden(`${command.permission} on records of others`);
    }
    if (options.expectedRevision !== undefined && options.expectedRevision !== revision) {
      return refusal(
        'REVISION_MISMATCH',
        'precondition',
        `The record is at revision ${revision}, not ${options.expectedRevision}.`,
        [{ field: 'If-Match', rule: 'revision', message: 'Read the record again and retry.' }],
      );
    }
    return undefined;
  }

  private meta({ ctx }: Call): EventMeta {
    return {
      actor: ctx.actor,
      correlationId: ctx.correlationId,
      ...(ctx.causationId ? { causationId: ctx.causationId } : {}),
      requestId: ctx.requestId,
      ...(ctx.ip ? { ip: ctx.ip } : {}),
      ...(ctx.userAgent ? { userAgent: ctx.userAgent } : {}),
    };
  }

  /** Event ids come from the command, so a retry writes the same ones. */
  private async encode(
    call: Call,
    session: EncodeSession,
    stream: string,
    facts: readonly Fact[],
    block: number,
  ): Promise<NewEvent[]> {
    const { ctx, commandId, options } = call;
    const events: NewEvent[] = [];
    for (const [index, fact] of facts.entries()) {
      const eventId = deriveId(ctx.tenantId, commandId, 1000 * block + index);
      const meta = this.meta(call);
      events.push(await session.encode(stream, eventId, fact, meta, options.occurredAt));
    }
    return events;
  }

  /** Streams that take and release unique values in the same append. */
  private async reserve(
    call: Call,
    session: EncodeSession,
    outcome: Outcome<Fact>,
  ): Promise<Reserved | Refusal> {
    const streams: StreamAppend[] = [];
    const afterwards: (() => Promise<unknown>)[] = [];
    const { ctx, id } = call;
    const change = async (found: ReservationState, scope: string, type: string) => {
      const fact = { type, data: { scope, holder: id } };
      if (found.tenantId !== ctx.tenantId) {
        if (type === 'ReservationTaken') return this.reserveOnPlatform(call, found, fact);
        afterwards.push(() => this.reserveOnPlatform(call, found, fact));
        return undefined;
      }
      const events = await this.encode(call, session, found.streamId, [fact], streams.length + 2);
      streams.push({ streamId: found.streamId, expected: found.revision, events });
      return undefined;
    };
    for (const reservation of outcome.take ?? []) {
      const found = await this.parts.reservations.find(ctx.tenantId, reservation);
      if (found.holder === id) continue;
      if (found.holder !== null) return takenRefusal(reservation.scope);
      const refused = await change(found, reservation.scope, 'ReservationTaken');
      if (refused) return refused;
    }
    for (const reservation of outcome.release ?? []) {
      const found = await this.parts.reservations.find(ctx.tenantId, reservation);
      if (found.holder === id) await change(found, reservation.scope, 'ReservationReleased');
    }
    return { streams, afterwards };
  }

  /** A value of the whole platform lives in the platform's own tenant: a step of its own. */
  private async reserveOnPlatform(
    call: Call,
    found: ReservationState,
    fact: Fact,
  ): Promise<Refusal | undefined> {
    const commandId = hashId(call.commandId, found.streamId, fact.type);
    const session = this.parts.codec.session(found.tenantId);
    const event = await session.encode(
      found.streamId,
      deriveId(found.tenantId, commandId, 0),
      fact,
      { actor: { type: 'system', id: 'reservations' }, correlationId: call.ctx.correlationId },
    );
    const outcome = await this.parts.store.append({
      tenantId: found.tenantId,
      commandId,
      requestHash: call.requestHash,
      streams: [{ streamId: found.streamId, expected: found.revision, events: [event] }],
      result: '{}',
    });
    return outcome.status === 'appended' || outcome.status === 'duplicate'
      ? undefined
      : takenRefusal((fact.data as { scope: string }).scope);
  }

  /** Appends and keeps the answer under the command id; undefined on a conflict. */
  private async store(
    call: Call,
    session: EncodeSession,
    streams: readonly StreamAppend[],
    answer: StoredAnswer,
  ): Promise<CommandResult | undefined> {
    const result = canonicalJson(answer);
    const outcome = await this.parts.store.append({
      tenantId: call.ctx.tenantId,
      commandId: call.commandId,
      requestHash: call.requestHash,
      streams,
      result,
      keys: session.keys(),
    });
    session.settle(outcome.status === 'appended');
    switch (outcome.status) {
      case 'appended':
        if (streams.length > 0) this.parts.committed?.();
        return answerOf({ result, position: outcome.position });
      case 'duplicate':
        return answerOf(outcome.stored);
      case 'reused':
        return reused;
      case 'keyConflict':
        this.parts.keys.forget(call.ctx.tenantId, outcome.subjectId);
        return undefined;
      case 'conflict':
        return undefined;
    }
  }

  private async snapshot(
    { ctx }: Call,
    stream: string,
    stateKey: string,
    version: number,
    state: unknown,
  ): Promise<void> {
    const sealed = await this.parts.keys.sealForTenant(ctx.tenantId, JSON.stringify(state), stream);
    await this.parts.store.saveSnapshot(ctx.tenantId, stream, { version, stateKey, state: sealed });
  }
}

interface Reserved {
  readonly streams: readonly StreamAppend[];
  /** Releases of platform-wide values, once the append has succeeded. */
  readonly afterwards: readonly (() => Promise<unknown>)[];
}

interface Call {
  readonly command: AnyCommand;
  readonly input: unknown;
  readonly ctx: RequestContext;
  readonly options: DispatchOptions;
  readonly scope: 'all' | 'team' | 'own';
  readonly commandId: string;
  readonly id: string;
  readonly requestHash: string;
}

function takenRefusal(scope: string): Refusal {
  const what = scope.replaceAll('-', ' ');
  return refusal('ALREADY_TAKEN', 'conflict', `This ${what} is in use already.`, [
    { field: scope.split('-').at(-1)!, rule: 'unique', message: `Choose another ${what}.` },
  ]);
}

function answerOf({ result, position }: Pick<StoredResult, 'result' | 'position'>): CommandResult {
  const answer = JSON.parse(result) as StoredAnswer;
  if (answer.refusal) return answer.refusal;
  return {
    accepted: true,
    id: answer.id!,
    revision: answer.revision!,
    position: answer.position ?? position,
    warnings: answer.warnings ?? [],
  };
}
