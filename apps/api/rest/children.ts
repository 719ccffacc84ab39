import type { AnyCommand } from '#kernel/command';
import type { ReadModel } from '#kernel/read-model';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { answerList, type Fixed } from './lists.js';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { writeHeaders } from './headers.js';
import { listParameters } from './parameters.js';
import { refusalsOf } from './refusals.js';
import { inputRef, listOf, refTo } from './schemas.js';
import { parentOf, type Services } from './services.js';
import { carryOut, inputOf, offered, optionsOf } from './writes.js';

/** Records that belong to another one, found by the fields that say so. */
interface Kinship {
  readonly parent: ReadModel;
  readonly child: ReadModel;
  /** Fields of the child that name a parent with this id. */
  fixed(id: string): Fixed;
}

function choicesOf(model: ReadModel, field: string): readonly string[] {
  const schema = model.columns[field]?.schema as { enum?: readonly string[] } | undefined;
  return schema?.enum ?? [];
}

/** Every pair of read models of which one references the other, or is about it. */
export function kinships(models: readonly ReadModel[]): Kinship[] {
  return models.flatMap((child) =>
    models.flatMap((parent): Kinship[] => {
      if (parent === child) return [];
      if (choicesOf(child, 'relatedToType').includes(parent.record)) {
        return [
          {
            parent,
            child,
            fixed: (id) => ({ relatedToType: parent.record, relatedToId: id }),
          },
        ];
      }
      const field = Object.entries(child.columns).find(
        ([, column]) => column.references === parent.name && column.filter,
      )?.[0];
      return field ? [{ parent, child, fixed: (id) => ({ [field]: id }) }] : [];
    }),
  );
}

async function list(
  services: Services,
  { parent, child, fixed }: Kinship,
  call: Call,
): Promise<Answer | Refusal> {
  const { id } = call.params;
  const known = await parentOf(services, call.caller, parent, id!);
  if (isRefusal(known)) return known;
  services.accessLog.viewed(call.caller, parent.record, id!);
  return answerList(services, child, call, call.query, fixed(id!));
}

async function add(
  services: Services,
  { parent, fixed }: Kinship,
  create: AnyCommand,
  route: string,
  call: Call,
): Promise<Answer | Refusal> {
  const { id } = call.params;
  const known = await parentOf(services, call.caller, parent, id!);
  if (isRefusal(known)) return known;
  const input = inputOf(call.body, fixed(id!.toLowerCase()));
  if (isRefusal(input)) return input;
  const options = optionsOf(call, route);
  return isRefusal(options) ? options : carryOut(services, call, create, input, options);
}

/** `/companies/:id/contacts`: what belongs to a record is listed and made beneath it. */
export function childEndpoints(services: Services): Endpoint[] {
  const { registry } = services.platform;
  const creating = new Map(
    offered(services)
      .filter(({ creates }) => creates)
      .map((command) => [command.rest.path, command]),
  );
  return kinships([...registry.readModels.values()]).flatMap((kinship): Endpoint[] => {
    const { parent, child } = kinship;
    const path = `/${parent.name}/:id/${child.name}`;
    const fixedNames = Object.keys(kinship.fixed(''));
    const create = creating.get(`/${child.name}`);
    const lists: Endpoint = {
      operation: `list_${child.name}_of_${parent.record}`,
      method: 'GET',
      path,
      tag: parent.name,
      summary: `List ${child.name} of a ${parent.record}`,
      description: `The list of ${child.name}, those of this ${parent.record} only.`,
      access: { permission: `${child.name}:read` },
      query: listParameters(child).filter(({ name }) => !fixedNames.includes(name)),
      anyQuery: true,
      answer: {
        status: 200,
        description: `A page of ${child.name}.`,
        data: listOf(refTo(child)),
        paged: true,
      },
      refusals: ['404 NOT_FOUND', '503 NOT_CAUGHT_UP'],
      handle: (call) => list(services, kinship, call),
    };
    if (!create) return [lists];
    const makes: Endpoint = {
      operation: `${create.name}_of_${parent.record}`,
      method: 'POST',
      path,
      tag: parent.name,
      summary: `Add to the ${child.name} of a ${parent.record}`,
      description: `${create.description} ${fixedNames.join(' and ')} follow from the address.`,
      access: { permission: create.permission },
      headers: writeHeaders,
      body: inputRef(create),
      answer: {
        status: 201,
        description: 'The new record.',
        data: refTo(child),
        headers: ['X-Position', 'ETag', 'Location'],
      },
      refusals: ['404 NOT_FOUND', ...refusalsOf(create)],
      handle: (call) => add(services, kinship, create, `POST ${path}`, call),
    };
    // The log of a record's activities stands at this address; adding to it logs one.
    return child.name === 'activities' ? [makes] : [lists, makes];
  });
}
