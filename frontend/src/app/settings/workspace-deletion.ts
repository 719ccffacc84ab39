import { Component, computed, inject, input, signal } from '@angular/core';
import { Router } from '@angular/router';
import { Api } from '../../data/api';
import { dayOf, dayText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Toasts } from '../../ui/toasts';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';

/** The end of the workspace: asks for its name once more, and leaves. */
@Component({
  selector: 'cf-workspace-deletion',
  imports: [Icon],
  templateUrl: './workspace-deletion.html',
  styleUrl: '../security/security.scss',
  styles: '.field { max-width: 480px; }',
})
export class WorkspaceDeletion {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  /** Name of the workspace. */
  readonly name = input.required<string>();
  protected readonly confirmed = signal('');
  protected readonly isConfirmed = computed(() => this.confirmed().trim() === this.name());
  protected readonly isBusy = signal(false);
  protected readonly problem = signal<string | undefined>(undefined);

  protected async remove(event: Event): Promise<void> {
    event.preventDefault();
    if (this.isBusy() || !this.isConfirmed()) return;
    this.isBusy.set(true);
    this.problem.set(undefined);
    try {
      const { deleteAt } = await this.api.json<{ readonly deleteAt: string }>(
        '/api/v1/tenant/deletion',
        { method: 'POST', body: { name: this.confirmed().trim() } },
      );
      // Nobody of the workspace is signed in any more, whoever deleted it neither.
      await this.session.signOut();
      await this.router.navigate(['/sign-in']);
      this.toasts.done(`${this.name()} is closed, and deleted on ${dayText(dayOf(deleteAt))}.`);
    } catch (error) {
      this.problem.set(problemText(error));
    } finally {
      this.isBusy.set(false);
    }
  }
}
