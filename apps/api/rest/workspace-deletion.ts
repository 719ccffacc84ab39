import { scheduleDeletion } from '#apps/composition/workspace-deletion/deletion';
import { object, text, type TObject } from '#kernel/fields';
import { isRefusal, type Refusal } from '#kernel/refusal';
import { validate } from '#platform/commands/validation';
import type { Answer, Call, Endpoint } from './endpoint.js';
import { instant, objectOf, plain } from './schemas.js';
import type { Services } from './services.js';
import { inputOf } from './writes.js';

export interface DeletionServices extends Services {
  /** Days until a workspace is destroyed. */
  readonly deletionDays: number;
}

const asked: TObject = object({
  name: text(255, { description: 'The name of the workspace: it is gone with everything in it.' }),
});

async function schedule(
  { platform, callers, deletionDays: days }: DeletionServices,
  { caller, body }: Call,
): Promise<Answer | Refusal> {
  const input = inputOf(body, {});
  if (isRefusal(input)) return input as Refusal;
  const invalid = validate(asked, input);
  if (invalid) return invalid;
  const { name } = input as { readonly name: string };
  const deleteAt = await scheduleDeletion(platform, caller, { name, days });
  if (isRefusal(deleteAt)) return deleteAt as Refusal;
  callers.forget(caller.tenantId);
  return { data: { deleteAt } };
}

/** The end of a workspace, for its owners. */
export function workspaceDeletionEndpoints(services: DeletionServices): Endpoint[] {
  return [
    {
      operation: 'delete_workspace',
      method: 'POST',
      path: '/tenant/deletion',
      tag: 'workspace',
      summary: 'Delete the workspace',
      description:
        'Closes the workspace at once to everybody in it, and destroys it after some weeks. Until ' +
        'then whoever runs the installation can open it again; from then on nothing does.',
      access: { permission: 'tenant:delete' },
      stepUp: true,
      body: plain(asked),
      example: { name: 'Hooli' },
      answer: {
        status: 200,
        description: 'From when on everything of the workspace is destroyed.',
        data: objectOf({ deleteAt: instant }),
      },
      refusals: ['422 NAME_DIFFERS'],
      handle: (call) => schedule(services, call),
    },
  ];
}
