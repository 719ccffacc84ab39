import { Component, computed, inject, input, output } from '@angular/core';
import { Session } from '../session/session';
import { scopeIn, scopes, type Role, type Scope } from './roles';

const actions = ['read', 'create', 'update', 'delete', 'export', 'bulk', 'administer', 'share'];
const labels: Readonly<Record<Scope, string>> = { own: 'Own', team: 'Team', all: 'All' };

/** Names that are no plain words. */
const spelled: Readonly<Record<string, string>> = {
  apiKeys: 'API keys',
  followups: 'Follow-ups',
  scimConnections: 'SCIM connections',
};

/** `accessLog`: Access log. */
function title(collection: string): string {
  if (spelled[collection]) return spelled[collection];
  const words = collection.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0]!.toUpperCase() + words.slice(1);
}

/** What a role allows: a row for each collection, a column for each action. */
@Component({
  selector: 'cf-permission-matrix',
  template: `
    <div class="scroll" tabindex="0" role="region" aria-label="Permissions">
      <table>
        <thead>
          <tr>
            <th scope="col">Records</th>
            @for (action of actions; track action) {
              <th scope="col">{{ action }}</th>
            }
          </tr>
        </thead>
        <tbody>
          @for (row of rows(); track row.collection) {
            <tr>
              <th scope="row">{{ row.title }}</th>
              @for (cell of row.cells; track cell.action) {
                <td>
                  @if (!cell.exists) {
                    <span class="none" aria-hidden="true"></span>
                  } @else if (mayChange()) {
                    <select
                      #choice
                      class="input"
                      [attr.aria-label]="row.title + ': ' + cell.action"
                      [class.on]="cell.scope"
                      (change)="choose(cell.permission, choice.value)"
                    >
                      <option value="" [selected]="!cell.scope">–</option>
                      @for (scope of cell.offered; track scope) {
                        <option [value]="scope" [selected]="cell.scope === scope">
                          {{ labels[scope] }}
                        </option>
                      }
                    </select>
                  } @else {
                    <span [class.on]="cell.scope">{{ cell.scope ? labels[cell.scope] : '–' }}</span>
                  }
                </td>
              }
            </tr>
          }
        </tbody>
      </table>
    </div>
    <p class="soft">
      Own: what the person owns. Team: also what belongs to those they share a team with.
    </p>
  `,
  styleUrl: './permission-matrix.scss',
})
export class PermissionMatrix {
  private readonly session = inject(Session);
  readonly permissions = input.required<readonly string[]>();
  readonly role = input.required<Role>();
  readonly mayChange = input(false);
  readonly grant = output<{ permission: string; scope: Scope | undefined }>();
  protected readonly actions = actions;
  protected readonly labels = labels;
  protected readonly rows = computed(() => {
    const all = this.permissions();
    const held = this.session.identity()?.permissions ?? {};
    const collections = [...new Set(all.map((one) => one.split(':')[0]!))];
    return collections.map((collection) => ({
      collection,
      title: title(collection),
      cells: actions.map((action) => {
        const permission = `${collection}:${action}`;
        const scope = scopeIn(this.role(), permission);
        // Nobody gives more than they have; what the role has already stays to be seen.
        const most = scopes.indexOf(held[permission] as Scope);
        const offered = scopes.filter((one, reach) => reach <= most || one === scope);
        return { action, permission, scope, offered, exists: all.includes(permission) };
      }),
    }));
  });

  protected choose(permission: string, value: string): void {
    this.grant.emit({ permission, scope: scopes.find((one) => one === value) });
  }
}
