import type { AnyCommand } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import type { EventMeta, Fact } from '#kernel/event';
import { deriveId } from '#kernel/ids';
import type { EncodeSession } from '../event-store/codec.js';
import type { NewEvent } from '../event-store/port.js';
import type { BulkMemory } from './memory.js';

export interface DispatchOptions {
  /** The record addressed; a creating command may name its own new id. */
  readonly id?: string;
  /** The same id gives the same answer; a new one when left out. */
  readonly commandId?: string;
  /** `If-Match`: refuses with 412 unless the record has this revision. */
  readonly expectedRevision?: number;
  /** When it happened, for imported history. */
  readonly occurredAt?: Date;
  /** For bulk loads: what earlier commands of the load have seen. */
  readonly memory?: BulkMemory;
  /**
   * Decides and appends nothing; needs a memory, which then holds what would be. Keeps the unique
   * values that would be taken: stream of the reservation → holder.
   */
  readonly rehearsal?: Map<string, string>;
}

/** One dispatch of a command, over all its attempts. */
export interface Call {
  readonly command: AnyCommand;
  readonly input: unknown;
  readonly ctx: RequestContext;
  readonly options: DispatchOptions;
  readonly scope: 'all' | 'team' | 'own';
  readonly commandId: string;
  readonly id: string;
  /** Nobody else knows the ids of command and record: there is nothing to load. */
  readonly isNew: boolean;
  readonly requestHash: string;
}

function metaOf({ ctx }: Call): EventMeta {
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
export async function encodeAll(
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
    const meta = metaOf(call);
    events.push(await session.encode(stream, eventId, fact, meta, options.occurredAt));
  }
  return events;
}
