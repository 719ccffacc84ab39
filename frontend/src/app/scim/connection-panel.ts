import { Component, effect, inject, input, output, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { ConnectionForm } from './connection-form';
import { Directories, type Connection, type ConnectionFields, type Setup } from './directories';

/** One connected directory: its address and token, its roles, and what it asked for last. */
@Component({
  selector: 'cf-connection-panel',
  imports: [Bones, ConnectionForm, Icon, State, When],
  templateUrl: './connection-panel.html',
  styleUrl: './provisioning.scss',
})
export class ConnectionPanel {
  private readonly directories = inject(Directories);
  private readonly toasts = inject(Toasts);
  private readonly session = inject(Session);
  readonly connection = input.required<Connection>();
  readonly changed = output();
  protected readonly setup = signal<Setup | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly problem = signal<string | undefined>(undefined);
  protected readonly busy = signal(false);
  protected readonly isEditing = signal(false);
  /** What is asked once more before it is done. */
  protected readonly asked = signal<'revoke' | 'remove' | undefined>(undefined);
  /** The token that was just made: it is shown until the page is left, and never again. */
  protected readonly secret = signal<string | undefined>(undefined);
  protected readonly mayChange = this.session.may('scimConnections:update');
  protected readonly mayRemove = this.session.may('scimConnections:delete');

  constructor() {
    effect(() => {
      if (this.connection()) void this.refresh();
    });
  }

  protected async refresh(): Promise<void> {
    if (!this.mayChange) return;
    try {
      this.setup.set(await this.directories.setup(this.connection().id));
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected makeToken(): Promise<void> {
    return this.work(async () => {
      this.secret.set(await this.directories.makeToken(this.connection().id));
      await this.refresh();
    });
  }
  protected revoke(): Promise<void> {
    return this.work(async () => {
      await this.directories.revokeToken(this.connection().id);
      this.secret.set(undefined);
      this.toasts.done('The token is revoked.');
      await this.refresh();
    });
  }
  protected remove(): Promise<void> {
    return this.work(async () => {
      // A token that is left would come back with the connection.
      await this.directories.revokeToken(this.connection().id);
      await this.directories.remove(this.connection().id);
      this.toasts.done(`${this.connection().name} is no longer connected.`);
      this.changed.emit();
    });
  }
  protected save(fields: ConnectionFields): Promise<void> {
    return this.work(async () => {
      await this.directories.change(this.connection().id, fields);
      this.isEditing.set(false);
      this.toasts.done(`${fields.name} is saved.`);
      this.changed.emit();
    });
  }
  protected async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.toasts.done(`${what} is copied.`);
    } catch {
      this.toasts.problem('The browser does not let this page copy; mark the text and copy it.');
    }
  }
  private async work(what: () => Promise<void>): Promise<void> {
    this.busy.set(true);
    this.problem.set(undefined);
    this.asked.set(undefined);
    try {
      await what();
    } catch (error) {
      this.problem.set(problemText(error));
    } finally {
      this.busy.set(false);
    }
  }
}
