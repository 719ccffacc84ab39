import { Component, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { Failure } from '../../ui/failure';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { Withheld } from '../session/withheld';
import { ConnectionForm } from './connection-form';
import { ConnectionPanel } from './connection-panel';
import { Directories, type Connection, type ConnectionFields } from './directories';

/** Directories that add, change and remove people and teams by SCIM. */
@Component({
  selector: 'cf-provisioning-page',
  imports: [ConnectionForm, ConnectionPanel, Icon, Failure, State, Withheld],
  template: `
    <header>
      <div>
        <h1>Provisioning</h1>
        <p>
          A directory such as Microsoft Entra ID or Okta adds people, changes them and shuts them
          out by SCIM 2.0. Its groups become teams.
        </p>
      </div>
      @if (mayAdd) {
        <button
          type="button"
          class="button primary"
          [attr.aria-expanded]="isAdding()"
          (click)="isAdding.set(!isAdding())"
        >
          <cf-icon name="plus" [size]="16" /> Connect a directory
        </button>
      }
    </header>
    <cf-withheld permission="scimConnections:create" />
    @if (isAdding()) {
      <div class="card">
        <cf-connection-form
          [busy]="busy()"
          [problem]="problem()"
          (save)="add($event)"
          (leave)="isAdding.set(false)"
        />
      </div>
    }
    @if (error(); as failed) {
      <div class="card">
        <cf-failure
          [of]="failed"
          title="The directories could not be read"
          forbidden="Provisioning is for administrators"
          (again)="refresh()"
        />
      </div>
    } @else if (all(); as connections) {
      @for (one of connections; track one.id) {
        <cf-connection-panel [connection]="one" (changed)="refresh()" />
      } @empty {
        <div class="card">
          <cf-state
            icon="link"
            title="No directory is connected"
            text="Connect one, give it the base URL and a token, and people come by themselves."
          />
        </div>
      }
    } @else {
      <div class="card bones after-a-moment" aria-busy="true">
        <span class="bone" style="width: 30%"></span>
        <span class="bone" style="width: 60%"></span>
      </div>
    }
  `,
  styleUrl: './provisioning.scss',
})
export class ProvisioningPage {
  private readonly directories = inject(Directories);
  private readonly toasts = inject(Toasts);
  protected readonly all = signal<readonly Connection[] | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly isAdding = signal(false);
  protected readonly busy = signal(false);
  protected readonly mayAdd = inject(Session).may('scimConnections:create');

  constructor() {
    void this.refresh();
  }

  protected async refresh(): Promise<void> {
    try {
      this.all.set(await this.directories.all());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected async add(fields: ConnectionFields): Promise<void> {
    this.busy.set(true);
    this.problem.set(undefined);
    try {
      await this.directories.add(fields);
      this.isAdding.set(false);
      this.toasts.done(`${fields.name} is connected; make a token for it.`);
      await this.refresh();
    } catch (error) {
      this.problem.set(problemText(error));
    } finally {
      this.busy.set(false);
    }
  }
}
