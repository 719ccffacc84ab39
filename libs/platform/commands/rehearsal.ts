import { fold, type Aggregate } from '#kernel/aggregate';
import type { AnyCommand, CommandResult, Outcome } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import type { Fact } from '#kernel/event';
import type { BulkMemory, Seen } from './memory.js';

interface Rehearsed {
  readonly ctx: RequestContext;
  readonly command: AnyCommand;
  readonly options: { readonly memory?: BulkMemory };
  readonly id: string;
}

/** What a command would answer; the memory takes the record as it would be. */
export function rehearsed(
  { ctx, command, options, id }: Rehearsed,
  stream: string,
  { state, revision, position }: Seen,
  { events, warnings = [] }: Outcome<Fact>,
): CommandResult {
  const after = fold(command.aggregate as unknown as Aggregate, events, state);
  const next = { state: after, revision: revision + events.length, tail: 0, position };
  options.memory?.keep(ctx.tenantId, stream, next);
  return { accepted: true, id, revision: next.revision, position, warnings };
}
