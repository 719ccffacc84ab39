import { Component, computed, inject } from '@angular/core';
import { MatDialogModule } from '@angular/material/dialog';
import { Commands } from './commands';
import { keyCaps } from './keys';

/** Every key that works on this page. */
@Component({
  selector: 'cf-key-sheet',
  imports: [MatDialogModule],
  template: `
    <h2 mat-dialog-title>Keys</h2>
    <mat-dialog-content>
      @for (group of groups(); track group.title) {
        <section>
          <h3>{{ group.title }}</h3>
          <dl>
            @for (row of group.rows; track row.title) {
              <div>
                <dt>{{ row.title }}</dt>
                <dd>
                  @for (caps of row.keys; track $index; let last = $last) {
                    @for (cap of caps; track $index) {
                      <kbd class="key">{{ cap }}</kbd>
                    }
                    {{ last ? '' : ' or ' }}
                  }
                </dd>
              </div>
            }
          </dl>
        </section>
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      <button type="button" class="button" mat-dialog-close>Close</button>
    </mat-dialog-actions>
  `,
  styleUrl: './key-sheet.scss',
})
export class KeySheet {
  private readonly commands = inject(Commands);
  protected readonly groups = computed(() => {
    const keyed = this.commands.all().filter(({ keys }) => keys);
    const groups = Map.groupBy(keyed, ({ group }) => group);
    return [...groups].map(([title, commands]) => {
      const rows = Map.groupBy(commands, (one) => one.title);
      return {
        title,
        rows: [...rows].map(([name, all]) => ({
          title: name,
          keys: all.map(({ keys }) => keyCaps(keys!)),
        })),
      };
    });
  });
}
