import type { AnyCommand } from '#kernel/command';
import type { RequestContext } from '#kernel/context';
import { object, type TObject, type TProperties } from '#kernel/fields';
import { isUuid } from '#kernel/ids';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { lockedFor } from '#platform/commands/field-locks';
import { validate } from '#platform/commands/validation';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { writeHeaders } from './headers.js';
import { refusalsOf } from './refusals.js';
import { plain, refTo } from './schemas.js';
import { modelOf, notFound, type Services } from './services.js';
import { carryOut, inputOf, offered, optionsOf } from './writes.js';

/** A record that can be replaced as a whole: by its change command, with all its fields. */
export interface Replacement {
  readonly model: ReadModel;
  readonly create: AnyCommand;
  readonly change: AnyCommand;
  /** What a body must hold. */
  readonly schema: TObject;
}

interface Schema {
  readonly anyOf?: readonly { readonly type?: string }[];
  readonly type?: string;
}

const takesNull = (schema: Schema) => schema.anyOf?.some(({ type }) => type === 'null') === true;

/** Fields required to create are required to replace; the others may be left out. */
function replacementSchema(create: AnyCommand, change: AnyCommand): TObject {
  const required = new Set((create.input as { required?: readonly string[] }).required ?? []);
  const properties: TProperties = Object.fromEntries(
    Object.entries(change.input.properties).map(([name, schema]) => [
      name,
      required.has(name) ? ((create.input.properties as TProperties)[name] ?? schema) : schema,
    ]),
  );
  return object(properties) as unknown as TObject;
}

/** Records with both a create and a change command, and no other command at `PUT /:collection/:id`. */
export function replacements(services: Services): readonly Replacement[] {
  const commands = offered(services);
  return commands.flatMap((change): Replacement[] => {
    const { method, path } = change.rest;
    const collection = /^\/(\w+)\/:id$/.exec(path)?.[1];
    if (method !== 'PATCH' || !collection) return [];
    const create = commands.find((one) => one.creates && one.rest.path === `/${collection}`);
    const taken = commands.some((one) => one.rest.method === 'PUT' && one.rest.path === path);
    const model = modelOf(services.platform, change);
    if (!create || taken || !model) return [];
    return [{ model, create, change, schema: replacementSchema(create, change) }];
  });
}

/**
 * The change that makes a record what the body says: what is left out is cleared. The owner is no
 * content of the record but who answers for it, and stays unless it is given; so does what the
 * caller does not change.
 */
export function completeInput(
  { schema, model }: Replacement,
  given: Readonly<Record<string, unknown>>,
  caller: RequestContext,
) {
  const kept = ['ownerId', ...lockedFor(caller, model.category)];
  const cleared = Object.entries(schema.properties as Record<string, Schema>).flatMap(
    ([name, property]): [string, unknown][] => {
      if (kept.includes(name) || given[name] !== undefined) return [];
      if (name === 'tags') return [[name, []]];
      return takesNull(property) ? [[name, null]] : [];
    },
  );
  return { ...given, ...Object.fromEntries(cleared) };
}

async function handle(
  services: Services,
  replacement: Replacement,
  call: Call,
): Promise<Answer | Refusal> {
  const { id } = call.params;
  const { change, schema, model } = replacement;
  if (!isUuid(id)) return notFound(model);
  const input = inputOf(call.body, {});
  if (isRefusal(input)) return input;
  const invalid = validate(schema, input);
  if (invalid) return invalid;
  const options = optionsOf(call, `PUT ${change.rest.path}`);
  if (isRefusal(options)) return options;
  const complete = completeInput(replacement, input, call.caller);
  return carryOut(services, call, change, complete, { ...options, id: id.toLowerCase() });
}

/** `PUT /:collection/:id` beside the PATCH of the change command. */
export function replaceEndpoints(services: Services): Endpoint[] {
  return replacements(services).map((replacement) => {
    const { model, change, schema } = replacement;
    return {
      operation: `replace_${model.record}`,
      method: 'PUT',
      path: change.rest.path,
      tag: model.name,
      summary: `Replace a ${model.record}`,
      description:
        'Like PATCH with every field: optional fields left out become null and tags none. Only ' +
        'the owner stays unless ownerId is given.',
      access: { permission: change.permission },
      headers: writeHeaders,
      body: plain(schema),
      answer: {
        status: 200,
        description: 'The record after the command.',
        data: refTo(model),
        headers: ['X-Position', 'ETag'],
      },
      refusals: refusalsOf(change),
      handle: (call) => handle(services, replacement, call),
    };
  });
}
