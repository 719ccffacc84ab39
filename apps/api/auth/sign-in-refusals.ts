import { deletionDay } from '#apps/composition/workspace-deletion/deletion';
import { refusal, type Refusal } from '#kernel/refusal';
import { deletionOf, type TenantState } from '#identity/tenant/tenant';
import { MIN_PASSWORD } from '#platform/auth/password';

/** The one refusal of an unknown address, a wrong password and an account that may not sign in. */
export const refused = refusal(
  'SIGN_IN_REFUSED',
  'unauthenticated',
  'The workspace, e-mail address or password is wrong, or the account may not sign in.',
);
export const locked = refusal(
  'TOO_MANY_ATTEMPTS',
  'limit',
  'There were too many attempts from here; try again in 15 minutes.',
);
/** The workspace is closed; whether for good is what helps its people. */
export function suspended(workspace: TenantState): Refusal {
  const deletion = deletionOf(workspace);
  if (!deletion) return refusal('WORKSPACE_SUSPENDED', 'forbidden', 'This workspace is suspended.');
  const day = deletionDay(new Date(deletion.deleteAt));
  const message = `This workspace is scheduled for deletion on ${day}.`;
  const remedy = 'Until then whoever runs this installation can open it again.';
  return refusal('WORKSPACE_SUSPENDED', 'forbidden', message, [
    { field: 'workspace', rule: 'deletion', message, remedy },
  ]);
}
export const ssoRequired = (workspace: string | undefined) =>
  refusal(
    'SSO_REQUIRED',
    'forbidden',
    'This workspace signs in through its identity provider, not with a password.',
    [
      {
        field: 'workspace',
        rule: 'sso',
        message: 'A password is not enough here.',
        remedy: 'Use single sign-on.',
        value: workspace,
      },
    ],
  );
export const tooShort = refusal(
  'PASSWORD_TOO_SHORT',
  'forbidden',
  `Without a second factor a password has at least ${MIN_PASSWORD} characters, and yours has ` +
    'fewer: ask for a link to choose a new one.',
  [
    {
      field: 'password',
      rule: 'length',
      message: 'It was long enough only beside a second factor that was asked of you.',
      remedy: 'Ask for a link at POST /api/v1/auth/forgot-password.',
    },
  ],
);
export const expired = refusal(
  'SESSION_ENDED',
  'unauthenticated',
  'The session has ended; sign in again.',
);
/** Names the workspaces, once the password was right in each of them. */
export const several = (workspaces: readonly string[]) =>
  refusal('WORKSPACE_NEEDED', 'conflict', 'This address is used in several workspaces.', [
    {
      field: 'workspace',
      rule: 'choice',
      message: `Name one of them: ${workspaces.join(', ')}.`,
      value: workspaces,
    },
  ]);
