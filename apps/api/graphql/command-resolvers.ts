import type { Accepted, AnyCommand } from '#kernel/command';
import { hashId, isUuid } from '#kernel/ids';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal, type RefusalDetail } from '#kernel/refusal';
import type { Registry } from '#platform/commands/registry';
import { rowFor } from '#platform/projections/field-rights';
import { seesRow } from '#platform/projections/visibility';
import type { GraphqlContext, Shown } from './context.js';
import { shown } from './record-resolvers.js';
import type { Resolver, ResolverMap } from './resolvers.js';
import { offeredCommands, recordOf, resultNames, takesId } from './sdl-commands.js';
import { camel } from './sdl-types.js';

interface CommandArguments {
  readonly id?: string | null;
  readonly input?: object;
  readonly idempotencyKey?: string | null;
  readonly expectedRevision?: number | null;
}

/** Headers of REST as the arguments here. */
const NAMES: Readonly<Record<string, string>> = {
  'If-Match': 'expectedRevision',
  'Idempotency-Key': 'idempotencyKey',
};

function refused(given: Refusal): object {
  const details = given.details.map((one) => ({ ...one, field: NAMES[one.field!] ?? one.field }));
  return { ...given, __typename: 'Refused', details };
}

function invalid(field: string, rule: string, problem: string, remedy: string): Refusal {
  const detail: RefusalDetail = { field, rule, message: `${field} ${problem}`, remedy };
  return refusal('VALIDATION_ERROR', 'shape', detail.message, [detail]);
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/** What is wrong with the arguments beside the input, which the dispatcher checks. */
function problemOf(command: AnyCommand, args: CommandArguments): Refusal | undefined {
  const { id, idempotencyKey: key } = args;
  if (typeof id === 'string' && !isUuid(id)) {
    const message = `There is no such ${recordOf(command)} in this workspace.`;
    return refusal('NOT_FOUND', 'missing', message);
  }
  if (typeof key === 'string' && !KEY.test(key)) {
    const problem = 'must be 1 to 255 visible ASCII characters.';
    return invalid('idempotencyKey', 'pattern', problem, 'Send a random UUID.');
  }
  return undefined;
}

/** The record a command addresses; one that it creates gets its id when it is carried out. */
function idOf(command: AnyCommand, { id }: CommandArguments, tenantId: string) {
  if (command.creates) return undefined;
  return takesId(command) ? id?.toLowerCase() : tenantId;
}

/** Records that decide what callers may do. */
const STANDING = ['user', 'role', 'team', 'tenant'];

async function dispatch(
  command: AnyCommand,
  args: CommandArguments,
  context: GraphqlContext,
): Promise<object> {
  const problem = problemOf(command, args);
  if (problem) return refused(problem);
  const unproven = command.stepUp && (await context.stepUp?.());
  if (unproven) return refused(unproven);
  const { platform, caller } = context;
  const { idempotencyKey: key, expectedRevision } = args;
  const id = idOf(command, args, caller.tenantId);
  const result = await platform.dispatch(command, { ...args.input }, caller, {
    ...(id ? { id } : {}),
    // The same key of another person, or for another command, is another request.
    ...(typeof key === 'string'
      ? { commandId: hashId('graphql', caller.tenantId, caller.actor.id, command.name, key) }
      : {}),
    ...(typeof expectedRevision === 'number' ? { expectedRevision } : {}),
  });
  if (isRefusal(result)) {
    if (result.category === 'forbidden') context.denied?.(command.name, id);
    return refused(result);
  }
  if (STANDING.includes(recordOf(command))) context.standingChanged?.();
  const warnings = result.warnings.map((one) => ({ ...one, records: one.records ?? [] }));
  return { ...result, warnings, __typename: resultNames(command).accepted };
}

/** The record as the command left it, from the log; null for those who may not read it. */
async function recordAfter(
  model: ReadModel,
  { id, revision }: Accepted,
  { platform, caller }: GraphqlContext,
): Promise<Shown | null> {
  const visible = platform.reader.visible(caller, model);
  if (typeof visible === 'object' && 'refused' in visible) return null;
  const row = await platform.reader.fold(caller.tenantId, model, id, { revision });
  return row && seesRow(visible, model, row) ? shown(model, rowFor(caller, model, row)) : null;
}

/** One mutation per command, and the record in its answer. */
export function commandResolvers(registry: Registry): ResolverMap {
  const mutations: Record<string, Resolver> = {};
  const answers: Record<string, Record<string, Resolver>> = {};
  for (const command of offeredCommands(registry)) {
    mutations[camel(command.name)] = (_parent, args: CommandArguments, context) =>
      dispatch(command, args, context);
    const model = registry.modelOfRecord(recordOf(command));
    if (!model) continue;
    answers[resultNames(command).accepted] = {
      record: (answer: Accepted, _args: unknown, context) => recordAfter(model, answer, context),
    };
  }
  return { Mutation: mutations, ...answers };
}
