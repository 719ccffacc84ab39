import type { CommandResult, Warning } from '#kernel/command';
import { refusal, type Refusal } from '#kernel/refusal';
import type { StoredResult } from '../event-store/port.js';

/** What a command was answered, as it is kept with the command id. */
export interface StoredAnswer {
  readonly refusal?: Refusal;
  readonly id?: string;
  readonly revision?: number;
  /** Set when the command changed nothing: the position of what was already there. */
  readonly position?: string;
  readonly warnings?: readonly Warning[];
}

export const forbidden = (permission: string) =>
  refusal('FORBIDDEN', 'forbidden', `Your role does not allow ${permission} here.`, [
    {
      rule: 'permission',
      message: `This needs the permission ${permission}.`,
      remedy: 'Ask an administrator of the workspace for a role that has it.',
    },
  ]);
export const busy = refusal(
  'CONFLICT',
  'conflict',
  'The record is being changed by others; try again.',
);
export const closed = refusal(
  'STREAM_CLOSED',
  'rule',
  'The history of this record is closed: it can be read, but not changed any more.',
);
export const reused = refusal(
  'IDEMPOTENCY_KEY_REUSED',
  'rule',
  'This idempotency key was used before with another request.',
  [{ field: 'Idempotency-Key', rule: 'unique', message: 'Send a new key for a new request.' }],
);

export function takenRefusal(scope: string): Refusal {
  const what = scope.replaceAll('-', ' ');
  return refusal('ALREADY_TAKEN', 'conflict', `This ${what} is in use already.`, [
    { field: scope.split('-').at(-1)!, rule: 'unique', message: `Choose another ${what}.` },
  ]);
}

/** The refusal of somebody more where every place is taken. */
export function fullRefusal(scope: string, among: number): Refusal {
  const message = `All ${among} ${scope}s of the workspace are taken.`;
  return refusal('LIMIT_REACHED', 'rule', message, [
    {
      field: scope,
      rule: 'plan',
      message,
      remedy: 'Deactivate somebody, revoke an invitation, or ask for a larger plan.',
      value: among,
    },
  ]);
}

/** The refusal of fewer places than are taken. */
export function crowdedRefusal(scope: string, among: number, taken: number): Refusal {
  const message = `${taken} ${scope}s are taken; there would be ${among}.`;
  return refusal('LIMIT_EXCEEDED', 'rule', message, [
    {
      field: scope,
      rule: 'plan',
      message,
      remedy: `Deactivate people or revoke invitations until at most ${among} remain.`,
      value: taken,
    },
  ]);
}

export function answerOf({
  result,
  position,
}: Pick<StoredResult, 'result' | 'position'>): CommandResult {
  const answer = JSON.parse(result) as StoredAnswer;
  if (answer.refusal) return answer.refusal;
  return {
    accepted: true,
    id: answer.id!,
    revision: answer.revision!,
    position: answer.position ?? position,
    warnings: answer.warnings ?? [],
  };
}
