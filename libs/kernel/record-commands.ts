import type { Aggregate, RecordStatus } from './aggregate.js';
import {
  defineCommand,
  type AnyCommand,
  type CommandDefinition,
  type Decision,
  type FactRequests,
  type Reservation,
} from './command.js';
import type { DecideContext } from './context.js';
import type { Fact } from './event.js';
import {
  flag,
  list,
  nullable,
  object,
  optional,
  tags,
  text,
  uuid,
  type FieldValues,
  type RecordFields,
  type TObject,
  type TProperties,
} from './fields.js';
import { duplicateFacts, findDuplicates, type DuplicateRule } from './record-duplicates.js';
import { recordInverses } from './record-inverses.js';
import type { LifeData, LifeEventNames, Living, RecordLife } from './record-life.js';
import {
  changedFields,
  missingReferences,
  recordRefusals,
  referenceFacts,
  requireActive,
} from './record-rules.js';
import { isRefusal, refuseWith, type Refusal } from './refusal.js';

const refuse = refuseWith(recordRefusals);

type AnyState<Fields extends RecordFields> =
  { readonly status: 'absent' } | Living<FieldValues<Fields>>;

export interface LifeCommandNames {
  readonly create: string;
  readonly change: string;
  readonly archive: string;
  readonly restore: string;
  readonly delete: string;
  readonly changeTags: string;
  readonly changeOwner: string;
}

type LooseFacts = Readonly<Record<string, unknown>>;

export interface RecordCommandOptions<Fields extends RecordFields, State = unknown> {
  /** `companies`: first segment of routes and permissions. */
  readonly collection: string;
  readonly names: LifeCommandNames;
  /** Field → record type it must point to; `ownerId` → `user` is implied. */
  readonly references?: Readonly<Record<string, string>>;
  readonly duplicates?: readonly DuplicateRule[];
  /** Input of the create command beside the fields. */
  readonly createInput?: TProperties;
  /** Facts `complete` and `check` need beside the references, on create and change. */
  facts?(command: LifeData, state: State): FactRequests;
  /** Data of `created` that was not given: defaults, and the life's `extra` properties. */
  complete?(command: LifeData, ctx: DecideContext<LooseFacts>): LifeData | Refusal;
  /** A rule over the whole record as it would be after create or change. */
  check?(
    values: FieldValues<Fields>,
    before: FieldValues<Fields> | null,
    ctx: DecideContext<LooseFacts>,
    state: State,
  ): Refusal | undefined;
  /** Values no other record of the workspace may hold; a deleted record holds none. */
  reserves?(values: FieldValues<Fields>): readonly Reservation[];
}

function callerOf(ctx: DecideContext<unknown>): string | null {
  return ctx.actor.type === 'user' ? ctx.actor.id : null;
}

/** The seven commands of a record's life. */
export type RecordCommands = Readonly<Record<keyof LifeCommandNames, AnyCommand>>;

export function recordCommands<
  Names extends LifeEventNames,
  Fields extends RecordFields,
  State extends AnyState<Fields>,
  Event extends Fact,
>(
  aggregate: Aggregate<State, Event>,
  life: RecordLife<Names, Fields>,
  options: RecordCommandOptions<Fields, State>,
): RecordCommands {
  const { collection, names } = options;
  const references = { ...options.references, ownerId: 'user' };
  const fieldNames = [...Object.keys(life.fields.required), ...Object.keys(life.fields.optional)];
  const inverses = recordInverses(names, life.names, fieldNames);
  const event = (key: keyof LifeEventNames, id: string, data?: LifeData) =>
    life.fact(key, id, data) as unknown as Event;
  const define = (
    key: keyof LifeCommandNames,
    part: Pick<AnyCommand, 'description' | 'rest'> & {
      action: string;
      creates?: boolean;
      input: TObject;
      facts?: (command: LifeData, state: State) => FactRequests;
      decide: (command: LifeData, state: State, ctx: DecideContext<LooseFacts>) => Decision<Event>;
    },
  ): AnyCommand => {
    const { action, ...rest } = part;
    return defineCommand({
      ...rest,
      name: names[key],
      aggregate,
      permission: `${collection}:${action}`,
      inverse: inverses[key],
    } as never) as unknown as AnyCommand;
  };
  const empty = object({}) as TObject;
  const item = `/${collection}/:id`;

  const subjectOf = (state: object) =>
    life.subjectKey ? { [life.subjectKey]: (state as LifeData)[life.subjectKey] } : {};

  /** What a record lets go and takes when its values change; null where it holds nothing. */
  function reservations(before: FieldValues<Fields> | null, after: FieldValues<Fields> | null) {
    const held = before ? (options.reserves?.(before) ?? []) : [];
    const wanted = after ? (options.reserves?.(after) ?? []) : [];
    const without = (list: readonly Reservation[], other: readonly Reservation[]) =>
      list.filter((a) => !other.some((b) => a.scope === b.scope && a.value === b.value));
    const [take, release] = [without(wanted, held), without(held, wanted)];
    return { ...(take.length ? { take } : {}), ...(release.length ? { release } : {}) };
  }

  const create = define('create', {
    action: 'create',
    description: `Creates a ${life.record}.`,
    creates: true,
    rest: { method: 'POST', path: `/${collection}` },
    input: object({
      ...life.fields.create,
      ...options.createInput,
      ownerId: optional(nullable(uuid({ description: 'Owner; the caller when left out.' }))),
      tags: optional(tags()),
      allowDuplicate: optional(flag({ description: 'Create in spite of a duplicate.' })),
    }) as unknown as TObject,
    facts: (command, state) => ({
      ...referenceFacts(command, references),
      ...duplicateFacts(options.duplicates, command),
      ...options.facts?.(command, state),
    }),
    decide(command, state, ctx) {
      if (state.status !== 'absent') return refuse('ALREADY_EXISTS');
      const { allowDuplicate, ownerId: asked, tags: given, ...input } = command;
      const missing = missingReferences(command, references, ctx.facts);
      if (missing) return missing;
      const ownerId = asked !== undefined ? asked : callerOf(ctx);
      const completed = options.complete?.({ ...input, ownerId }, ctx) ?? {};
      if (isRefusal(completed)) return completed;
      const data = { ...input, ...completed };
      const values = data as FieldValues<Fields>;
      const problem = options.check?.(values, null, ctx, state);
      if (problem) return problem;
      const warnings = findDuplicates(options.duplicates, ctx.facts, allowDuplicate === true);
      if (isRefusal(warnings)) return warnings;
      const own = { ownerId, tags: [...new Set((given as string[]) ?? [])] };
      const events = [event('created', ctx.id, { ...data, ...own })];
      return { events, warnings, ...reservations(null, values) };
    },
  });

  const change = define('change', {
    action: 'update',
    description: `Changes fields, tags or owner of a ${life.record}; what is left out stays.`,
    rest: { method: 'PATCH', path: item },
    input: object({
      ...life.fields.change,
      ownerId: optional(nullable(uuid())),
      tags: optional(tags()),
    }) as unknown as TObject,
    facts: (command, state) => ({
      ...referenceFacts(command, references),
      ...options.facts?.(command, state),
    }),
    decide(command, state, ctx) {
      const refused = requireActive(state) ?? missingReferences(command, references, ctx.facts);
      if (refused) return refused;
      const living = state as Living<FieldValues<Fields>>;
      const before = living.values as LifeData;
      const changes = changedFields(before, command, fieldNames);
      const after = { ...living.values, ...changes } as FieldValues<Fields>;
      const problem = options.check?.(after, living.values, ctx, state);
      if (problem) return problem;
      const events: Event[] = [];
      if (Object.keys(changes).length > 0) {
        events.push(event('changed', ctx.id, { ...subjectOf(state), ...changes }));
      }
      if (command['tags'] !== undefined) {
        const wanted = [...new Set(command['tags'] as string[])];
        const added = wanted.filter((tag) => !living.tags.includes(tag));
        const removed = living.tags.filter((tag) => !wanted.includes(tag));
        if (added.length + removed.length > 0) {
          events.push(event('tagsChanged', ctx.id, { added, removed }));
        }
      }
      if (command['ownerId'] !== undefined && command['ownerId'] !== living.ownerId) {
        events.push(event('ownerChanged', ctx.id, { ownerId: command['ownerId'] }));
      }
      return { events, ...reservations(living.values, after) };
    },
  });

  const changeTags = define('changeTags', {
    action: 'update',
    description: `Adds and removes tags of a ${life.record}.`,
    rest: { method: 'POST', path: `${item}/tags` },
    input: object({
      add: optional(list(text(50), 50)),
      remove: optional(list(text(50), 50)),
    }) as unknown as TObject,
    decide(command, state, ctx) {
      const refused = requireActive(state);
      if (refused) return refused;
      const current = (state as Living<unknown>).tags;
      const wanted = [...new Set((command['add'] ?? []) as string[])];
      const unwanted = (command['remove'] ?? []) as string[];
      const added = wanted.filter((tag) => !current.includes(tag));
      const removed = current.filter((tag) => unwanted.includes(tag) && !wanted.includes(tag));
      return added.length + removed.length > 0
        ? [event('tagsChanged', ctx.id, { added, removed })]
        : [];
    },
  });

  const changeOwner = define('changeOwner', {
    action: 'update',
    description: `Gives a ${life.record} to another owner, or to nobody.`,
    rest: { method: 'PUT', path: `${item}/owner` },
    input: object({ ownerId: nullable(uuid()) }) as unknown as TObject,
    facts: (command) => referenceFacts(command, { ownerId: 'user' }),
    decide(command, state, ctx) {
      const refused =
        requireActive(state) ?? missingReferences(command, { ownerId: 'user' }, ctx.facts);
      if (refused) return refused;
      const { ownerId } = state as Living<unknown>;
      return ownerId === command['ownerId']
        ? []
        : [event('ownerChanged', ctx.id, { ownerId: command['ownerId'] })];
    },
  });

  /** Archive, restore and delete differ in two words each. */
  const step = (
    key: 'archive' | 'restore' | 'delete',
    fact: 'archived' | 'restored' | 'deleted',
    description: string,
    rest: CommandDefinition['rest'],
    already: RecordStatus,
  ) =>
    define(key, {
      action: key === 'delete' ? 'delete' : 'update',
      description,
      rest,
      input: empty,
      decide(_command, state, ctx) {
        if (state.status === 'absent') return refuse('NOT_FOUND');
        if (key !== 'restore' && state.status === 'deleted') return refuse('NOT_FOUND');
        if (state.status === already) return [];
        const { values } = state as Living<FieldValues<Fields>>;
        const held = state.status === 'deleted' ? null : values;
        return {
          events: [event(fact, ctx.id)],
          ...reservations(held, key === 'delete' ? null : values),
        };
      },
    });

  return {
    create,
    change,
    changeTags,
    changeOwner,
    archive: step(
      'archive',
      'archived',
      `Puts a ${life.record} aside: hidden from lists, unchanged otherwise.`,
      { method: 'POST', path: `${item}/archive` },
      'archived',
    ),
    restore: step(
      'restore',
      'restored',
      `Brings an archived or deleted ${life.record} back.`,
      { method: 'POST', path: `${item}/restore` },
      'active',
    ),
    delete: step(
      'delete',
      'deleted',
      `Deletes a ${life.record}; its history stays and it can be restored.`,
      { method: 'DELETE', path: item },
      'deleted',
    ),
  };
}
