import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';

/** A way into a workspace that is not a password. */
export interface Offer {
  readonly providerId: string;
  readonly name: string;
  readonly startUrl: string;
  /** Whether a password is not enough. */
  readonly isForced: boolean;
}

/** What a person is told who came back without a session. */
const PROBLEMS: Readonly<Record<string, string>> = {
  WORKSPACE_SUSPENDED: 'This workspace is suspended. Ask its owner.',
  SIGN_IN_REFUSED: 'Your account may not sign in. Ask an administrator of your workspace.',
  TOO_MANY_ATTEMPTS: 'There were too many attempts from here. Wait a minute, then try again.',
  done: 'The sign-in could not be completed in this browser. Try again.',
};

/** Says in one sentence what a sign-in through an identity provider came to, and the way on. */
export function ssoProblemOf(code: string | undefined): string {
  const other =
    'The answer of your identity provider was not accepted. Try again, or ask an administrator of ' +
    'your workspace, who sees the reason.';
  return PROBLEMS[code ?? ''] ?? other;
}

/** Set in a tab that was led to a provider and has not come back signed in. */
const LEFT = 'cf.sso-left';

/** Where an administrator comes back to who tries a provider out, whatever comes of it. */
const TEST = 'cf.sso-test';

/** The page a test began on, once. */
export function endOfTest(): string | null {
  const path = sessionStorage.getItem(TEST);
  sessionStorage.removeItem(TEST);
  return path;
}

/** Asks how an address signs in, and leads to its identity provider. */
@Injectable({ providedIn: 'root' })
export class SingleSignOn {
  private readonly api = inject(Api);

  /** The providers that speak for an address; none without a workspace. */
  discover(workspace: string, email: string): Promise<readonly Offer[]> {
    if (!workspace) return Promise.resolve([]);
    const path = '/api/v1/auth/sso/discover';
    return this.api.json(path, { body: { workspace, email }, open: true });
  }

  /** Leaves for a test; refused or not, it ends on the page at `path`. */
  leaveForTest(address: string, path: string): void {
    sessionStorage.setItem(TEST, path);
    this.leaveTo(address);
  }

  /** Whether to lead to a forced provider at once; who comes back from it chooses. */
  leadsOn(): boolean {
    return !sessionStorage.getItem(LEFT);
  }
  leave(address: string): void {
    sessionStorage.setItem(LEFT, '1');
    this.leaveTo(address);
  }
  hasCome(): void {
    sessionStorage.removeItem(LEFT);
  }

  private leaveTo(address: string): void {
    location.assign(address);
  }
}
