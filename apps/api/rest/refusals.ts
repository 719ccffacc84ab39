import type { AnyCommand } from '#kernel/command';

/**
 * What a command may be refused with, for the documentation. Rules live in `decide`, so the codes
 * of single rules are in the error itself; these are the classes a client has to expect.
 */
export function refusalsOf(command: AnyCommand): string[] {
  const found = command.creates ? [] : ['404 NOT_FOUND'];
  return [
    ...found,
    '409 CONFLICT',
    ...(command.creates ? ['409 DUPLICATE'] : ['412 REVISION_MISMATCH']),
    '413 BODY_TOO_LARGE',
    '415 UNSUPPORTED_MEDIA_TYPE',
    '422 a rule of the record',
    '422 IDEMPOTENCY_KEY_REUSED',
  ];
}
