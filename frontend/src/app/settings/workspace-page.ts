import { Component, inject } from '@angular/core';
import { State } from '../../ui/state';
import { Session } from '../session/session';
import { WorkspaceDeletion } from './workspace-deletion';
import { WorkspaceExport } from './workspace-export';

/** What owners do with the workspace as a whole. */
@Component({
  selector: 'cf-workspace-page',
  imports: [State, WorkspaceDeletion, WorkspaceExport],
  template: `
    <header>
      <div>
        <h1>Workspace</h1>
        <p>What concerns all of {{ name }}. Only owners see this page.</p>
      </div>
    </header>
    @if (mayExport) {
      <cf-workspace-export [name]="name" />
      @if (mayDelete) {
        <cf-workspace-deletion [name]="name" />
      }
    } @else {
      <div class="card">
        <cf-state
          icon="lock"
          title="Only owners see this"
          text="Ask an owner of the workspace to export it."
        />
      </div>
    }
  `,
  styleUrls: ['../security/security.scss', '../users/people.scss'],
})
export class WorkspacePage {
  private readonly session = inject(Session);
  protected readonly name = this.session.identity()?.workspace.name ?? 'the workspace';
  protected readonly mayExport = this.session.may('tenant:export');
  protected readonly mayDelete = this.session.may('tenant:delete');
}
