import { fold, streamId, type Aggregate } from '#kernel/aggregate';
import type { AnyCommand, CommandResult, Decision, Outcome } from '#kernel/command';
import { scopeOf, type RequestContext } from '#kernel/context';
import type { Fact } from '#kernel/event';
import { deriveId, uuidv7 } from '#kernel/ids';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import { failpoint } from '../failpoints.js';
import { canonicalJson } from '../event-store/canonical-json.js';
import type { EncodeSession, EventCodec } from '../event-store/codec.js';
import type { KeyRing } from '../event-store/key-ring.js';
import {
  AppendLimitError,
  START,
  type EventStore,
  type StreamAppend,
} from '../event-store/port.js';
import { answerOf, busy, closed, forbidden, reused, type StoredAnswer } from './answers.js';
import { encodeAll, type Call, type DispatchOptions } from './call.js';
import type { FactReader } from './fact-reader.js';
import { lockedGiven } from './field-locks.js';
import { guardsBeside } from './guards.js';
import type { Memory, Seen } from './memory.js';
import { reachOf } from './record-access.js';
import { rehearsed } from './rehearsal.js';
import type { Reservations } from './reservations.js';
import { reserve } from './reserving.js';
import { Snapshots, SNAPSHOT_EVERY } from './snapshots.js';
import { validate } from './validation.js';

export type { DispatchOptions };

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

const ATTEMPTS = 8;

/** Loads, decides, appends; on a conflict reloads and decides again, a bounded number of times. */
export class CommandDispatcher {
  private readonly snapshots: Snapshots;

  constructor(private readonly parts: DispatcherParts) {
    this.snapshots = new Snapshots(parts.store, parts.keys);
  }

  async dispatch(
    command: AnyCommand,
    input: unknown,
    ctx: RequestContext,
    options: DispatchOptions = {},
  ): Promise<CommandResult> {
    const scope = scopeOf(ctx.grants, command.permission);
    if (!scope) return forbidden(command.permission);
    const withheld = ctx.withheld?.[command.permission];
    if (withheld) return withheld;
    const invalid = validate(command.input, input);
    if (invalid) return invalid;
    const locked = lockedGiven(ctx, command, input);
    if (locked) return locked;
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
    const isNew = command.creates && !options.commandId && !options.id;
    const call = { command, input, ctx, options, scope, commandId, id, isNew, requestHash };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const memory = attempt === 0 ? options.memory : options.memory?.fresh();
      try {
        const answer = await this.attempt(call, memory);
        if (answer) {
          failpoint('before_answer');
          return answer;
        }
      } catch (error) {
        if (error instanceof AppendLimitError) {
          return refusal('TOO_LARGE', 'rule', error.message);
        }
        throw error;
      }
    }
    return busy;
  }

  /** The record as the log has it, or the answer this command got before. */
  private async load(
    { ctx, commandId, requestHash }: Call,
    aggregate: Aggregate,
    stream: string,
  ): Promise<Seen | { readonly answer: CommandResult }> {
    const loaded = await this.snapshots.load(ctx.tenantId, aggregate, stream, commandId);
    if (loaded.stored) {
      const same = loaded.stored.requestHash === requestHash;
      return { answer: same ? answerOf(loaded.stored) : reused };
    }
    const { from, version, events } = loaded;
    return {
      state: fold(aggregate, await this.parts.codec.decode(events), from),
      revision: version + events.length,
      tail: events.length,
      position: events.at(-1)?.position ?? START,
    };
  }

  /** One load, decision and append; undefined when it has to be done again. */
  private async attempt(
    call: Call,
    memory: Memory | undefined,
  ): Promise<CommandResult | undefined> {
    const { command, ctx, id, commandId } = call;
    const aggregate = command.aggregate as unknown as Aggregate;
    const stream = streamId(aggregate.category, id);
    const recalled = memory?.recall(ctx.tenantId, stream);
    const seen =
      recalled ?? (call.isNew ? unseen(aggregate) : await this.load(call, aggregate, stream));
    if ('answer' in seen) return seen.answer;
    const { state, revision } = seen;

    const refused = this.beforeDecision(call, aggregate, state, revision);
    if (refused) return recalled && !call.options.rehearsal ? undefined : refused;
    const caller = { tenantId: ctx.tenantId, actor: ctx.actor, id };
    const { values: facts, guards } = command.facts
      ? await this.parts.facts.read(
          ctx.tenantId,
          command.facts(call.input as never, state as never, caller),
          memory,
        )
      : { values: {}, guards: [] };
    const decision = command.decide(call.input as never, state as never, {
      ...caller,
      grants: ctx.grants,
      now: this.parts.clock(),
      newId: (n) => deriveId(ctx.tenantId, commandId, n + 1),
      facts: facts as never,
    });
    const session = this.parts.codec.session(ctx.tenantId);
    const outcome = isRefusal(decision)
      ? decision
      : (this.handedOn(call, aggregate, state, decision) ?? outcomeOf(decision));
    // What no append will check is not decided from memory.
    const { rehearsal } = call.options;
    const unchecked = !rehearsal && (isRefusal(outcome) || outcome.events.length === 0);
    if (unchecked && memory === call.options.memory && memory) return undefined;
    if (isRefusal(outcome)) return this.refuse(call, session, outcome);
    const reserved = await reserve(this.parts, call, session, outcome);
    if (isRefusal(reserved)) return this.refuse(call, session, reserved);
    if (rehearsal) return rehearsed(call, stream, seen, outcome);

    const events = await encodeAll(call, session, stream, outcome.events, 1);
    const own = events.length > 0 ? [{ streamId: stream, expected: revision, events }] : [];
    const answer: StoredAnswer = {
      id,
      revision: revision + events.length,
      ...(events.length === 0 ? { position: seen.position } : {}),
      ...(outcome.warnings?.length ? { warnings: outcome.warnings } : {}),
    };
    const others = guardsBeside(stream, guards);
    if (!others) return undefined;
    const streams = [...own, ...reserved.streams, ...others];
    const stored = await this.store(call, session, streams, answer);
    if (!stored || isRefusal(stored.answer)) return stored?.answer;
    // Only now: released before the append, a value still in use could be taken by another.
    for (const release of reserved.afterwards) await release();
    const tail = seen.tail + events.length;
    // Another call with this command id may have decided on another state.
    if (stored.appended && (memory || tail >= SNAPSHOT_EVERY)) {
      const after = fold(aggregate, outcome.events, state);
      const { position } = stored.answer;
      const next = { state: after, revision: revision + events.length, tail, position };
      await this.remember(call, stream, memory, next);
    }
    return stored.answer;
  }

  /** Keeps the new state for the next command, and every so often as a snapshot. */
  private async remember(
    { ctx, command }: Call,
    stream: string,
    memory: Memory | undefined,
    seen: Seen,
  ): Promise<void> {
    const due = seen.tail >= SNAPSHOT_EVERY;
    memory?.keep(ctx.tenantId, stream, due ? { ...seen, tail: 0 } : seen);
    if (!due) return;
    failpoint('before_snapshot');
    const aggregate = command.aggregate as unknown as Aggregate;
    await this.snapshots.save(ctx.tenantId, aggregate, stream, seen.revision, seen.state);
  }

  /** Scope and `If-Match`, which need the state but no rule of the business. */
  private beforeDecision(
    call: Call,
    aggregate: Aggregate,
    state: unknown,
    revision: number,
  ): Refusal | undefined {
    const { command, options } = call;
    if (!reachOf(call, aggregate, state, this.parts.clock())) {
      return forbidden(`${command.permission} on records of others`);
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

  /** Who reaches a record by a share could otherwise make it theirs and share it further. */
  private handedOn(
    call: Call,
    aggregate: Aggregate,
    state: unknown,
    decision: Exclude<Decision<Fact>, Refusal>,
  ): Refusal | undefined {
    if (reachOf(call, aggregate, state, this.parts.clock()) !== 'share') return undefined;
    const after = fold(aggregate, outcomeOf(decision).events, state);
    if (aggregate.owner?.(after) === aggregate.owner?.(state)) return undefined;
    return forbidden('giving away records of others');
  }

  /** Keeps a refusal under the command id, so that a retry gets the same. */
  private async refuse(
    call: Call,
    session: EncodeSession,
    refused: Refusal,
  ): Promise<CommandResult | undefined> {
    if (call.options.rehearsal) return refused;
    return (await this.store(call, session, [], { refusal: refused }))?.answer;
  }

  /** Appends and keeps the answer under the command id; undefined on a conflict. */
  private async store(
    call: Call,
    session: EncodeSession,
    streams: readonly StreamAppend[],
    answer: StoredAnswer,
  ): Promise<{ answer: CommandResult; appended: boolean } | undefined> {
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
        return { answer: answerOf({ result, position: outcome.position }), appended: true };
      case 'duplicate':
        return { answer: answerOf(outcome.stored), appended: false };
      case 'reused':
        return { answer: reused, appended: false };
      case 'keyConflict':
        this.parts.keys.forget(call.ctx.tenantId, outcome.subjectId);
        return undefined;
      case 'conflict':
        return undefined;
      case 'closed':
        return { answer: closed, appended: false };
    }
  }
}

const unseen = ({ initial }: Aggregate): Seen => ({
  state: initial,
  revision: 0,
  tail: 0,
  position: START,
});

function outcomeOf(decision: Exclude<Decision<Fact>, Refusal>): Outcome<Fact> {
  return 'events' in decision ? decision : { events: decision };
}
