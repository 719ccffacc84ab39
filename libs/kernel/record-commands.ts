import type { Aggregate, RecordStatus } from './aggregate.js';
import {
  defineCommand,
  recordOf,
  matchesIn,
  type AnyCommand,
  type CommandDefinition,
  type Decision,
  type FactRequests,
  type Matches,
  type RecordFact,
  type Warning,
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
} from './fields.js';
import type { LifeData, LifeEventNames, Living, RecordLife } from './record-life.js';
import { refuseWith, type Refusal, type RefusalDetail } from './refusal.js';

/** The refusals every record shares. */
export const recordRefusals = {
  NOT_FOUND: { category: 'missing', message: 'There is no such record in this workspace.' },
  ALREADY_EXISTS: { category: 'conflict', message: 'A record with this id exists already.' },
  RECORD_ARCHIVED: { category: 'rule', message: 'The record is archived; restore it first.' },
  REFERENCE_NOT_FOUND: { category: 'rule', message: 'A referenced record does not exist.' },
  DUPLICATE: {
    category: 'conflict',
    message: 'A record like this exists already; send allowDuplicate: true to create it anyway.',
  },
} as const;
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

/** Values that point out an existing record: `refuse` stops the creation, `warn` only tells. */
export interface DuplicateRule {
  readonly readModel: string;
  readonly fields: readonly string[];
  readonly severity: 'refuse' | 'warn';
}

export interface RecordCommandOptions<Fields extends RecordFields> {
  /** `companies`: first segment of routes and permissions. */
  readonly collection: string;
  readonly names: LifeCommandNames;
  /** Field → record type it must point to; `ownerId` → `user` is implied. */
  readonly references?: Readonly<Record<string, string>>;
  readonly duplicates?: readonly DuplicateRule[];
  /** Facts `check` needs beside the references, on create and change. */
  facts?(command: LifeData): FactRequests;
  /** A rule over the whole record as it would be after create or change. */
  check?(
    values: FieldValues<Fields>,
    before: FieldValues<Fields> | null,
    ctx: DecideContext<Readonly<Record<string, unknown>>>,
  ): Refusal | undefined;
}

/** Refuses what is absent or deleted (404) or archived (422); undefined when it may change. */
export function requireActive(state: { readonly status: RecordStatus }): Refusal | undefined {
  if (state.status === 'absent' || state.status === 'deleted') return refuse('NOT_FOUND');
  return state.status === 'archived' ? refuse('RECORD_ARCHIVED') : undefined;
}

/** Details for each reference whose record does not exist or is deleted. */
export function missingReferences(
  command: LifeData,
  references: Readonly<Record<string, string>>,
  facts: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  const details = Object.entries(references).flatMap(([field, record]): RefusalDetail[] => {
    const fact = facts[field] as RecordFact | undefined;
    if (!fact || fact.status === 'active' || fact.status === 'archived') return [];
    return [
      {
        field,
        rule: 'reference',
        message: `${field} names no ${record} of this workspace.`,
        remedy: `Create the ${record} first or leave ${field} out.`,
        value: command[field],
      },
    ];
  });
  return details.length > 0 ? refuse('REFERENCE_NOT_FOUND', ...details) : undefined;
}

/** Fact requests for the references a command gives. */
export function referenceFacts(
  command: LifeData,
  references: Readonly<Record<string, string>>,
): FactRequests {
  return Object.fromEntries(
    Object.entries(references)
      .filter(([field]) => typeof command[field] === 'string')
      .map(([field, record]) => [field, recordOf(record, command[field] as string)]),
  );
}

function same(a: unknown, b: unknown): boolean {
  return (a ?? null) === (b ?? null) || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** The fields of a command that differ from the record as it is. */
export function changedFields(before: LifeData, command: LifeData, names: readonly string[]) {
  return Object.fromEntries(
    names
      .filter((name) => command[name] !== undefined && !same(command[name], before[name]))
      .map((name) => [name, command[name]]),
  );
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
  options: RecordCommandOptions<Fields>,
): RecordCommands {
  const { collection, names } = options;
  const references = { ...options.references, ownerId: 'user' };
  const fieldNames = [...Object.keys(life.fields.required), ...Object.keys(life.fields.optional)];
  const event = (key: keyof LifeEventNames, id: string, data?: LifeData) =>
    life.fact(key, id, data) as unknown as Event;
  const define = (
    key: keyof LifeCommandNames,
    part: Pick<AnyCommand, 'description' | 'rest'> & {
      action: string;
      creates?: boolean;
      input: TObject;
      facts?: (command: LifeData) => FactRequests;
      decide: (
        command: LifeData,
        state: State,
        ctx: DecideContext<Readonly<Record<string, unknown>>>,
      ) => Decision<Event>;
    },
  ): AnyCommand => {
    const { action, ...rest } = part;
    return defineCommand({
      ...rest,
      name: names[key],
      aggregate,
      permission: `${collection}:${action}`,
    } as never) as unknown as AnyCommand;
  };
  const empty = object({}) as TObject;
  const item = `/${collection}/:id`;

  const duplicateFacts = (command: LifeData): FactRequests =>
    Object.fromEntries(
      (options.duplicates ?? []).flatMap((rule, n) =>
        rule.fields.every((field) => typeof command[field] === 'string')
          ? [
              [
                `duplicate${n}`,
                matchesIn(
                  rule.readModel,
                  Object.fromEntries(rule.fields.map((f) => [f, command[f] as string])),
                ),
              ],
            ]
          : [],
      ),
    );

  function duplicates(facts: Readonly<Record<string, unknown>>, allowed: boolean) {
    const warnings: Warning[] = [];
    for (const [n, rule] of (options.duplicates ?? []).entries()) {
      const found = (facts[`duplicate${n}`] ?? []) as Matches;
      if (found.length === 0) continue;
      if (rule.severity === 'refuse' && !allowed) {
        return refuse(
          'DUPLICATE',
          ...found.map((match) => ({
            field: rule.fields[0]!,
            rule: 'duplicate',
            message: `${match.label} (${match.id}) has the same ${rule.fields.join(' and ')}.`,
            remedy: 'Use the existing record, or send allowDuplicate: true.',
            value: match.id,
          })),
        );
      }
      warnings.push({
        code: 'POSSIBLE_DUPLICATE',
        message: `Same ${rule.fields.join(' and ')} as ${found.map((m) => m.label).join(', ')}.`,
        records: found,
      });
    }
    return warnings;
  }

  const create = define('create', {
    action: 'create',
    description: `Creates a ${life.record}.`,
    creates: true,
    rest: { method: 'POST', path: `/${collection}` },
    input: object({
      ...life.fields.create,
      ownerId: optional(nullable(uuid({ description: 'Owner; the caller when left out.' }))),
      tags: optional(tags()),
      allowDuplicate: optional(flag({ description: 'Create in spite of a duplicate.' })),
    }) as unknown as TObject,
    facts: (command) => ({
      ...referenceFacts(command, references),
      ...duplicateFacts(command),
      ...options.facts?.(command),
    }),
    decide(command, state, ctx) {
      if (state.status !== 'absent') return refuse('ALREADY_EXISTS');
      const { allowDuplicate, ownerId, tags: given, ...values } = command;
      const problem =
        missingReferences(command, references, ctx.facts) ??
        options.check?.(values as FieldValues<Fields>, null, ctx);
      if (problem) return problem;
      const warnings = duplicates(ctx.facts, allowDuplicate === true);
      if ('refused' in warnings) return warnings;
      const owner =
        ownerId !== undefined ? ownerId : ctx.actor.type === 'user' ? ctx.actor.id : null;
      const data = { ...values, ownerId: owner, tags: [...new Set((given as string[]) ?? [])] };
      return { events: [event('created', ctx.id, data)], warnings };
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
    facts: (command) => ({
      ...referenceFacts(command, references),
      ...options.facts?.(command),
    }),
    decide(command, state, ctx) {
      const refused = requireActive(state) ?? missingReferences(command, references, ctx.facts);
      if (refused) return refused;
      const living = state as Living<FieldValues<Fields>>;
      const before = living.values as LifeData;
      const changes = changedFields(before, command, fieldNames);
      const problem = options.check?.(
        { ...living.values, ...changes } as FieldValues<Fields>,
        living.values,
        ctx,
      );
      if (problem) return problem;
      const events: Event[] = [];
      if (Object.keys(changes).length > 0) events.push(event('changed', ctx.id, changes));
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
      return events;
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
        return state.status === already ? [] : [event(fact, ctx.id)];
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
