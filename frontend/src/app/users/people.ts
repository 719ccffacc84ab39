import { Injectable, inject } from '@angular/core';
import { Api } from '../../data/api';

/** An invitation as administrators see it. */
export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly status: 'pending' | 'accepted' | 'revoked';
  readonly sentAt: string;
  readonly expiresAt: string;
}

/** A mail of the outbox, without its text. */
export interface MailShown {
  readonly id: string;
  readonly template: string;
  readonly status: 'captured' | 'sent' | 'refused';
  readonly to: string;
  readonly subject: string;
  readonly problem: string | null;
  readonly createdAt: string;
}
export interface WholeMail extends MailShown {
  readonly text: string | null;
  readonly withheld: boolean;
}

/** What people say about themselves. */
export interface Profile {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly title: string | null;
  readonly phone: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
}
export type ProfileChange = Partial<Omit<Profile, 'id' | 'email'>>;

const V1 = '/api/v1';
/** As many as one page of the API has. */
const MOST = 100;

/** Asks the API for invitations, mail and one's own account. */
@Injectable({ providedIn: 'root' })
export class People {
  private readonly api = inject(Api);

  invitations(): Promise<readonly Invitation[]> {
    return this.api.json(`${V1}/invitations?limit=${MOST}`);
  }
  invite(email: string, role: string, teamIds: readonly string[]): Promise<Invitation> {
    return this.api.json(`${V1}/invitations`, { body: { email, role, teamIds } });
  }
  resend(id: string): Promise<Invitation> {
    return this.api.json(`${V1}/invitations/${id}/resend`, { body: {} });
  }
  revoke(id: string): Promise<Invitation> {
    return this.api.json(`${V1}/invitations/${id}/revoke`, { body: {} });
  }
  async teams(): Promise<readonly { id: string; name: string }[]> {
    return this.api.json(`${V1}/teams?limit=${MOST}`);
  }
  mails(): Promise<readonly MailShown[]> {
    return this.api.json(`${V1}/outbox?limit=${MOST}`);
  }
  mail(id: string): Promise<WholeMail> {
    return this.api.json(`${V1}/outbox/${id}`);
  }
  async profile(): Promise<Profile> {
    return (await this.api.json<{ user: Profile }>(`${V1}/auth/me`)).user;
  }
  change(id: string, change: ProfileChange): Promise<Profile> {
    return this.api.json(`${V1}/users/${id}`, { method: 'PATCH', body: change });
  }
  changeAddress(email: string): Promise<unknown> {
    return this.api.json(`${V1}/auth/email-changes`, { body: { email } });
  }
  changePassword(
    currentPassword: string,
    password: string,
  ): Promise<{ readonly accessToken: string }> {
    const body = { currentPassword, password };
    return this.api.json(`${V1}/auth/password`, { method: 'PUT', body });
  }
}
