import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { People, type Invitation } from './people';

const ROLES = ['owner', 'admin', 'manager', 'member', 'viewer'] as const;

/** Who was invited, and inviting somebody. */
@Component({
  selector: 'cf-invitations-page',
  imports: [Bones, Failure, Icon, RouterLink, State, When],
  templateUrl: './invitations-page.html',
  styleUrl: './people.scss',
})
export class InvitationsPage {
  private readonly people = inject(People);
  private readonly toasts = inject(Toasts);
  private readonly session = inject(Session);
  private readonly read = signal<readonly Invitation[] | undefined>(undefined);
  protected readonly teams = signal<readonly { id: string; name: string }[]>([]);
  protected readonly all = this.read.asReadonly();
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly isInviting = signal(false);
  protected readonly busy = signal(false);
  protected readonly mayInvite = this.session.may('invitations:create');
  protected readonly mayReadMail = this.session.may('outbox:read');
  /** Nobody gives a role above their own. */
  protected readonly roles = computed(() => {
    const own = ROLES.findIndex((role) => role === this.session.identity()?.role);
    return ROLES.slice(Math.max(0, own));
  });

  constructor() {
    void this.refresh();
    void this.people.teams().then(
      (teams) => this.teams.set(teams),
      () => undefined,
    );
  }

  protected async refresh(): Promise<void> {
    try {
      this.read.set(await this.people.invitations());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected async invite(email: string, role: string, team: string): Promise<void> {
    this.problem.set(undefined);
    this.busy.set(true);
    try {
      await this.people.invite(email.trim(), role, team ? [team] : []);
      this.isInviting.set(false);
      this.toasts.done(`${email.trim()} is invited.`);
      await this.refresh();
    } catch (error) {
      this.problem.set(problemText(error));
    } finally {
      this.busy.set(false);
    }
  }
  protected resend({ id, email }: Invitation): Promise<void> {
    return this.work(() => this.people.resend(id), `Sent to ${email} once more.`);
  }
  protected revoke({ id, email }: Invitation): Promise<void> {
    return this.work(() => this.people.revoke(id), `The invitation of ${email} is void.`);
  }
  protected isLate({ status, expiresAt }: Invitation): boolean {
    return status === 'pending' && Date.parse(expiresAt) < Date.now();
  }
  private async work(what: () => Promise<unknown>, told: string): Promise<void> {
    this.busy.set(true);
    try {
      await what();
      this.toasts.done(told);
    } catch (error) {
      this.toasts.problem(problemText(error));
    }
    await this.refresh();
    this.busy.set(false);
  }
}
