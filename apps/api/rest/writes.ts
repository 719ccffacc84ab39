import type { Accepted, AnyCommand } from '#kernel/command';
import { isUuid } from '#kernel/ids';
import type { ReadModel, Row } from '#kernel/read-model';
import { isRefusal, refusal, type Refusal } from '#kernel/refusal';
import type { DispatchOptions } from '#platform/commands/dispatcher';
import { rowFor } from '#platform/projections/field-rights';
import { seesRow } from '#platform/projections/visibility';
import type { Answer, Call, Endpoint, JsonSchema } from './endpoint.js';
import { commandIdOf, etagOf, expectedRevision, preferencesOf, writeHeaders } from './headers.js';
import { refusalsOf } from './refusals.js';
import { inputRef, objectOf, plain, refTo, uuid } from './schemas.js';
import { modelOf, WRITE_WAIT_MS, type Services } from './services.js';

type Input = Readonly<Record<string, unknown>>;

/** Commands the API offers, at the routes they declare. */
export function offered(services: Services): readonly AnyCommand[] {
  return services.platform.registry.product.commands.filter(({ internal }) => !internal);
}

/** The body with the fields the route names; a body that says otherwise is refused. */
export function inputOf(body: unknown, fixed: Readonly<Record<string, string>>): Input | Refusal {
  const given = body ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    const message = 'The body must be a JSON object.';
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: 'body', rule: 'type', message },
    ]);
  }
  const overruled = Object.keys(fixed).find((name) => {
    const said = (given as Input)[name];
    return said !== undefined && said !== fixed[name];
  });
  if (overruled) {
    const message = `${overruled} is another one in the address.`;
    const remedy = 'Leave it out of the body.';
    return refusal('VALIDATION_ERROR', 'shape', message, [
      { field: overruled, rule: 'fixed', message, remedy },
    ]);
  }
  return { ...given, ...fixed };
}

/** How a write is dispatched: what its headers ask for. */
export function optionsOf(call: Call, route: string): DispatchOptions | Refusal {
  const { headers } = call.request;
  const commandId = commandIdOf(headers, call.caller, route);
  if (isRefusal(commandId)) return commandId;
  const revision = expectedRevision(headers);
  if (isRefusal(revision)) return revision;
  return {
    ...(commandId ? { commandId } : {}),
    ...(revision !== undefined ? { expectedRevision: revision } : {}),
  };
}

/** The record as the command left it, from the log, for those who may read it. */
async function recordAfter(
  { platform }: Services,
  call: Call,
  model: ReadModel,
  { id, revision }: Accepted,
): Promise<Row | null> {
  const { caller } = call;
  const visible = platform.reader.visible(caller, model);
  if (isRefusal(visible)) return null;
  const row = await platform.reader.fold(caller.tenantId, model, id, { revision });
  return row && seesRow(visible, model, row) ? rowFor(caller, model, row) : null;
}

/** People, roles, teams and the workspace decide what callers may do. */
const STANDING = new Set(['user', 'role', 'team', 'tenant']);

/**
 * The answer to an accepted command. It carries the record as of the command's own revision, so
 * that a repeated request gets the same answer, and comes once lists show the change, or after half
 * a second.
 */
export async function answerAccepted(
  services: Services,
  call: Call,
  command: AnyCommand,
  accepted: Accepted,
): Promise<Answer> {
  const { id, revision, position, warnings } = accepted;
  const { respondAsync, minimal } = preferencesOf(call.request.headers);
  const { category } = command.aggregate as { readonly category: string };
  if (STANDING.has(category)) services.callers.forget(call.caller.tenantId);
  const model = modelOf(services.platform, command);
  const deleted = command.rest.method === 'DELETE' && command.rest.path.endsWith('/:id');
  const [record] = await Promise.all([
    model && !minimal && !deleted ? recordAfter(services, call, model, accepted) : null,
    model && !respondAsync
      ? services.platform.positions.wait(model.name, position, WRITE_WAIT_MS)
      : undefined,
  ]);
  const applied = [respondAsync && 'respond-async', minimal && 'return=minimal'].filter(Boolean);
  const headers = {
    'x-position': position,
    ...(applied.length > 0 ? { 'preference-applied': applied.join(', ') } : {}),
  };
  if (deleted) return { status: 204, headers };
  return {
    status: command.creates ? 201 : 200,
    data: record ?? { id, revision },
    meta: { position, revision, warnings },
    headers: {
      ...headers,
      etag: etagOf(revision),
      ...(command.creates && model ? { location: `/api/v1/${model.name}/${id}` } : {}),
    },
  };
}

/** Dispatches a command with an input that is complete, and answers. */
export async function carryOut(
  services: Services,
  call: Call,
  command: AnyCommand,
  input: unknown,
  options: DispatchOptions,
): Promise<Answer | Refusal> {
  const result = await services.platform.dispatch(command, input, call.caller, options);
  return isRefusal(result) ? result : answerAccepted(services, call, command, result);
}

/** The id a route addresses; a route without one means the workspace. */
function addressed(command: AnyCommand, call: Call): { id?: string } | Refusal {
  if (command.creates) return {};
  const { id } = call.params;
  if (id === undefined) return { id: call.caller.tenantId };
  if (isUuid(id)) return { id: id.toLowerCase() };
  const { category } = command.aggregate as { readonly category: string };
  return refusal('NOT_FOUND', 'missing', `There is no such ${category} in this workspace.`);
}

async function handle(
  services: Services,
  command: AnyCommand,
  route: string,
  call: Call,
): Promise<Answer | Refusal> {
  const target = addressed(command, call);
  if (isRefusal(target)) return target;
  const { id: _id, ...fixed } = call.params;
  const input = inputOf(call.body, fixed);
  if (isRefusal(input)) return input;
  const options = optionsOf(call, route);
  if (isRefusal(options)) return options;
  return carryOut(services, call, command, input, { ...options, ...target });
}

/** The part of an input that a body carries: what the route names is left out. */
function bodySchema({ input, rest, ...command }: AnyCommand): Endpoint['body'] {
  const named = [...rest.path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const names = Object.keys(input.properties).filter((name) => !named.includes(name));
  if (names.length === 0) return undefined;
  if (names.length === Object.keys(input.properties).length) return inputRef(command);
  const { properties, required = [] } = plain(input) as {
    properties: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return objectOf(
    Object.fromEntries(names.map((name) => [name, properties[name]!])),
    required.filter((name) => names.includes(name)),
  );
}

/** One endpoint per command, where the command says it is found. */
export function commandEndpoints(services: Services): Endpoint[] {
  return offered(services).map((command): Endpoint => {
    const { method, path } = command.rest;
    const model = modelOf(services.platform, command);
    const body = bodySchema(command);
    const deleted = method === 'DELETE' && path.endsWith('/:id');
    const status = command.creates ? 201 : deleted ? 204 : 200;
    return {
      operation: command.name,
      method,
      path,
      tag: tagOf(path),
      summary: words(command.name),
      description: command.description,
      access: { permission: command.permission },
      ...(command.stepUp ? { stepUp: true } : {}),
      headers: writeHeaders,
      ...(body ? { body } : {}),
      answer: {
        status,
        description: deleted ? 'Done; there is nothing to show.' : 'The record after the command.',
        ...(deleted ? {} : { data: model ? refTo(model) : objectOf({ id: uuid }) }),
        headers: [
          'X-Position',
          ...(deleted ? [] : ['ETag']),
          ...(status === 201 ? ['Location'] : []),
        ],
      },
      refusals: refusalsOf(command),
      handle: (call) => handle(services, command, `${method} ${path}`, call),
    };
  });
}

/** The first word of the address; the workspace goes by one name whatever its address is. */
function tagOf(path: string): string {
  const word = path.split('/')[1]!;
  return word === 'tenant' ? 'workspace' : word;
}

/** `MoveDealToStage`: "Move deal to stage". */
export function words(name: string): string {
  const text = name.replaceAll(/(?<!^)([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return text;
}
