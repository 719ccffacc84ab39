import type { AnyCommand } from '#kernel/command';
import { hashId, isUuid } from '#kernel/ids';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal, type RefusalDetail } from '#kernel/refusal';
import type { DispatchOptions } from '#platform/commands/dispatcher';
import { validate } from '#platform/commands/validation';
import { comparePositions } from '#platform/event-store/port';
import { statusOf } from '../http/answers.js';
import { bulkEndpoint } from './bulk-documentation.js';
import type { Caller } from '../http/request-context.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { preferencesOf } from './headers.js';
import { completeInput, replacements, type Replacement } from './replace.js';
import { modelOf, WRITE_WAIT_MS, type Services } from './services.js';
import { inputOf, offered, optionsOf } from './writes.js';

export const MAX_ITEMS = 500;
const AT_ONCE = 16;

type Input = Readonly<Record<string, unknown>>;

/** One command of a bulk request, or why there is none. */
interface Item {
  readonly id?: string;
  readonly input: Input;
  readonly revision?: number;
  readonly refused?: Refusal;
}

interface Result {
  readonly index: number;
  readonly id?: string;
  readonly success: boolean;
  readonly revision?: number;
  readonly error?: object;
}

/** The commands of a record that bulk requests are made of. */
export interface BulkCommands {
  readonly model: ReadModel;
  readonly create?: AnyCommand;
  readonly change?: AnyCommand;
  readonly remove?: AnyCommand;
  readonly replacement?: Replacement;
}

/** What the counted result is called, per method. */
const DONE = { POST: 'created', PATCH: 'updated', PUT: 'updated', DELETE: 'deleted' } as const;
export type BulkMethod = keyof typeof DONE;

function invalid(...details: readonly RefusalDetail[]): Refusal {
  return refusal('VALIDATION_ERROR', 'shape', details[0]!.message, details);
}

function listIn(body: Input, name: string): readonly unknown[] | Refusal {
  const given = body[name];
  if (!Array.isArray(given) || given.length === 0) {
    const message = `${name} must be a list of at least one.`;
    return invalid({ field: name, rule: 'required', message });
  }
  if (given.length <= MAX_ITEMS) return given;
  const message = `${name} holds ${given.length}; at most ${MAX_ITEMS} go in one request.`;
  return invalid({ field: name, rule: 'maxItems', message, remedy: 'Send several requests.' });
}

/** Refuses what the body holds beside what it may. */
function only(body: Input, names: readonly string[]): Refusal | undefined {
  const unknown = Object.keys(body).filter((name) => !names.includes(name));
  if (unknown.length === 0) return undefined;
  return invalid(
    ...unknown.map((field) => {
      const message = `${field} is not a field here.`;
      return { field, rule: 'unknown', message, remedy: `Use ${names.join(', ')}.` };
    }),
  );
}

/** `{ "contacts": [{ … }] }`, each with its `id` and perhaps `revision` unless it is new. */
function listed(body: Input, name: string, creates: boolean): Item[] | Refusal {
  const all = listIn(body, name);
  if (isRefusal(all)) return all;
  return (all as readonly unknown[]).map((one): Item => {
    const input = inputOf(one ?? [], {});
    if (isRefusal(input)) return { input: {}, refused: input };
    if (creates) return { input };
    const { id, revision, ...rest } = input;
    return { ...addressed(id, revision), input: rest };
  });
}

function addressed(id: unknown, revision: unknown): Omit<Item, 'input'> {
  if (!isUuid(id)) {
    const message = 'id is not a valid uuid.';
    return { refused: invalid({ field: 'id', rule: 'uuid', message }) };
  }
  if (revision === undefined) return { id: id.toLowerCase() };
  if (Number.isSafeInteger(revision) && Number(revision) >= 0) {
    return { id: id.toLowerCase(), revision: Number(revision) };
  }
  const message = 'revision is not a whole number.';
  return { id, refused: invalid({ field: 'revision', rule: 'type', message }) };
}

/** `{ "ids": […], "updates": { … } }`. */
function same(body: Input, updates: Input): Item[] | Refusal {
  const ids = listIn(body, 'ids');
  if (isRefusal(ids)) return ids;
  const twice = (ids as readonly unknown[]).find((id, at, all) => all.indexOf(id) !== at);
  if (twice !== undefined) {
    const message = 'ids names a record twice.';
    return invalid({ field: 'ids', rule: 'uniqueItems', message, value: twice });
  }
  return (ids as readonly unknown[]).map((id) => ({ ...addressed(id, undefined), input: updates }));
}

function itemsOf(method: BulkMethod, model: ReadModel, given: unknown): Item[] | Refusal {
  const body = inputOf(given, {});
  if (isRefusal(body)) return body;
  if (method === 'DELETE') return only(body, ['ids']) ?? same(body, {});
  if (method === 'POST' || method === 'PUT' || body[model.name] !== undefined) {
    return only(body, [model.name]) ?? listed(body, model.name, method === 'POST');
  }
  const wrong = only(body, ['ids', 'updates']);
  if (wrong) return wrong;
  const updates = inputOf(body['updates'], {});
  if (isRefusal(updates)) return updates;
  if (Object.keys(updates).length > 0) return same(body, updates);
  const message = 'updates is required.';
  return invalid({ field: 'updates', rule: 'required', message });
}

/** A few at a time, in order; the log appends those of one moment together. */
export async function inTurns<In, Out>(
  items: readonly In[],
  work: (item: In, index: number) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}

function errorOf({ code, category, message, details }: Refusal): object {
  return { status: statusOf[category], code, message, details };
}

async function handle(
  services: Services,
  method: BulkMethod,
  { model, ...commands }: BulkCommands,
  call: Call,
): Promise<Answer | Refusal> {
  const items = itemsOf(method, model, call.body);
  if (isRefusal(items)) return items;
  const options = optionsOf(call, `${method} /${model.name}/bulk`);
  if (isRefusal(options)) return options;
  const { commandId, ...shared } = options as DispatchOptions;
  const { create, change, remove } = commands;
  const command = (method === 'POST' ? create : method === 'DELETE' ? remove : change)!;
  const positions: string[] = [];
  const results = await inTurns(items, async (item, index): Promise<Result> => {
    const refused = item.refused ?? prepare(method, commands.replacement, item, call.caller);
    const { id } = item;
    const named = id ? { id } : {};
    if (isRefusal(refused)) return { index, ...named, success: false, error: errorOf(refused) };
    const result = await services.platform.dispatch(command, refused, call.caller, {
      ...shared,
      ...named,
      ...(item.revision === undefined ? {} : { expectedRevision: item.revision }),
      ...(commandId ? { commandId: hashId(commandId, String(index)) } : {}),
    });
    if (isRefusal(result)) return { index, ...named, success: false, error: errorOf(result) };
    positions.push(result.position);
    return { index, id: result.id, success: true, revision: result.revision };
  });
  const last = positions.sort(comparePositions).at(-1);
  if (last && !preferencesOf(call.request.headers).respondAsync) {
    await services.platform.positions.wait(model.name, last, WRITE_WAIT_MS);
  }
  const done = results.filter(({ success }) => success).length;
  return {
    data: { [DONE[method]]: done, failed: results.length - done, results },
    ...(last ? { meta: { position: last }, headers: { 'x-position': last } } : {}),
  };
}

/** The input of one item's command; a replacement is completed first. */
function prepare(
  method: BulkMethod,
  replacement: Replacement | undefined,
  { input }: Item,
  caller: Caller,
) {
  if (method !== 'PUT' || !replacement) return input;
  return validate(replacement.schema, input) ?? completeInput(replacement, input, caller);
}

/** `/:collection/bulk` for every collection whose records can be made, changed or deleted. */
export function bulkEndpoints(services: Services): Endpoint[] {
  const commands = offered(services);
  const whole = replacements(services);
  return [...services.platform.registry.readModels.values()].flatMap((model) => {
    const at = (method: string, path: string) =>
      commands.find(
        ({ rest, ...command }) =>
          rest.method === method &&
          rest.path === path &&
          modelOf(services.platform, { rest, ...command } as AnyCommand) === model,
      );
    const found = {
      create: at('POST', `/${model.name}`),
      change: at('PATCH', `/${model.name}/:id`),
      remove: at('DELETE', `/${model.name}/:id`),
      replacement: whole.find((one) => one.model === model),
    };
    const parts: BulkCommands = { model, ...given(found) };
    const methods: readonly [BulkMethod, unknown][] = [
      ['POST', found.create],
      ['PATCH', found.change],
      ['PUT', found.replacement],
      ['DELETE', found.remove],
    ];
    return methods
      .filter(([, command]) => command)
      .map(([method]) =>
        bulkEndpoint(method, parts, (call) => handle(services, method, parts, call)),
      );
  });
}

function given<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as never;
}
