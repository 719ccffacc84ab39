import { Injectable, inject, signal } from '@angular/core';
import { ActivatedRoute } from '@angular/router';
import { Api, apiError, type ApiError } from '../../data/api';

/** What a link invites to. */
export interface InvitationShown {
  readonly workspace: { readonly name: string; readonly slug: string };
  readonly email: string;
  readonly role: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** The tokens of a session, as the page keeps them. */
export interface Tokens {
  /** Absent where a second factor is asked for first. */
  readonly accessToken?: string;
}

export interface Acceptance {
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
}

const AUTH = '/api/v1/auth';

/** What stands behind `#` in the address: it is sent to no server by itself. */
export function linkToken(): string {
  return inject(ActivatedRoute).snapshot.fragment ?? '';
}

/** Passwords, invitations and addresses of people who come by a link. */
@Injectable({ providedIn: 'root' })
export class AccountLinks {
  private readonly api = inject(Api);

  invitation(token: string): Promise<InvitationShown> {
    return this.open('invitation', { token });
  }
  accept(token: string, given: Acceptance): Promise<Tokens> {
    return this.open('accept-invitation', { token, ...given });
  }
  forgot(workspace: string, email: string): Promise<unknown> {
    return this.open('forgot-password', { ...(workspace ? { workspace } : {}), email });
  }
  reset(token: string, password: string): Promise<unknown> {
    return this.open('reset-password', { token, password });
  }
  confirmAddress(token: string): Promise<unknown> {
    return this.open('confirm-email', { token });
  }

  private open<Data>(path: string, body: object): Promise<Data> {
    return this.api.json<Data>(`${AUTH}/${path}`, { body, open: true });
  }
}

/** What went wrong, with the rule that was not kept where there is one. */
export function problemText(error: unknown): string {
  const { message, details }: ApiError = apiError(error);
  const remedy = details.find((one) => one.remedy)?.remedy;
  return remedy ? `${message} ${remedy}` : message;
}

/** What a form does once: whether it is under way, whether it is done, and what went wrong. */
export class Attempt {
  readonly busy = signal(false);
  readonly done = signal(false);
  readonly problem = signal<string | undefined>(undefined);

  async run(work: () => Promise<unknown>): Promise<void> {
    this.busy.set(true);
    this.problem.set(undefined);
    try {
      await work();
      this.done.set(true);
    } catch (error) {
      this.problem.set(problemText(error));
    } finally {
      this.busy.set(false);
    }
  }
}
