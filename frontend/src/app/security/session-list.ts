import { Component, computed, inject, signal } from '@angular/core';
import { Api, apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { problemText } from '../session/link-pages';
import { deviceText } from './device';

interface OpenSession {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly signedInAt: string;
  readonly lastUsedAt: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

const SESSIONS = '/api/v1/auth/sessions';

/** Where one is signed in, and the end of it. */
@Component({
  selector: 'cf-session-list',
  imports: [Bones, Icon, State, When],
  template: `
    <section class="card" aria-labelledby="sessions-title">
      <div class="head">
        <h2 id="sessions-title">Sessions</h2>
        @if (hasOthers()) {
          <button type="button" class="button" [disabled]="isBusy()" (click)="endOthers()">
            <cf-icon name="exit" [size]="14" /> End all others
          </button>
        }
      </div>
      @if (error(); as failed) {
        <cf-state
          [icon]="failed.offline ? 'offline' : 'warn'"
          title="Your sessions could not be read"
          [text]="failed.message"
          [requestId]="failed.requestId"
          action="Try again"
          (act)="read()"
        />
      } @else if (all(); as sessions) {
        <ul class="rows" aria-label="Sessions">
          @for (one of sessions; track one.id) {
            <li>
              <div>
                <p class="name">{{ device(one.userAgent) }}</p>
                <p class="soft">
                  @if (one.isCurrent) {
                    This session ·
                  }
                  {{ one.ip ?? 'unknown address' }} · signed in <cf-when [at]="one.signedInAt" /> ·
                  seen <cf-when [at]="one.lastUsedAt" />
                </p>
              </div>
              @if (!one.isCurrent) {
                <button
                  type="button"
                  class="button small"
                  [attr.aria-label]="'End the session of ' + device(one.userAgent)"
                  [disabled]="isBusy()"
                  (click)="end(one.id)"
                >
                  End
                </button>
              }
            </li>
          }
        </ul>
      } @else {
        <cf-bones />
      }
    </section>
  `,
  styleUrl: './security.scss',
})
export class SessionList {
  private readonly api = inject(Api);
  private readonly toasts = inject(Toasts);
  protected readonly device = deviceText;
  protected readonly all = signal<readonly OpenSession[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly isBusy = signal(false);
  protected readonly hasOthers = computed(() => (this.all()?.length ?? 0) > 1);

  constructor() {
    void this.read();
  }

  protected async read(): Promise<void> {
    try {
      this.all.set(await this.api.json(SESSIONS));
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected end(id: string): Promise<void> {
    return this.work(`/${id}`, 'The session has ended.');
  }
  protected endOthers(): Promise<void> {
    return this.work('', 'All other sessions have ended.');
  }

  private async work(path: string, done: string): Promise<void> {
    this.isBusy.set(true);
    try {
      await this.api.json(`${SESSIONS}${path}`, { method: 'DELETE' });
      this.toasts.done(done);
      await this.read();
    } catch (error) {
      this.toasts.problem(problemText(error));
    } finally {
      this.isBusy.set(false);
    }
  }
}
