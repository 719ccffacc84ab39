import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, signal } from '@angular/core';
import { Icon } from '../../../ui/icon';
import { Picker } from '../../../ui/picker';
import { Toasts } from '../../../ui/toasts';
import { provideKeys } from '../../frame/commands';
import { Lookup } from '../lookup';
import { pascal, type RecordRow } from '../record-type';
import { Records, type Answer } from '../records';
import { Bulk, counted, type ItemResult } from './bulk';
import { ListStore } from './list-store';

type Question = 'owner' | 'add-tag' | 'remove-tag' | 'delete';

/** What can be done with the rows that are selected, and what came of it for each. */
@Component({
  selector: 'cf-bulk-bar',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Icon, Picker],
  providers: [Bulk],
  templateUrl: './bulk-bar.html',
  styleUrl: './bulk-bar.scss',
  host: { role: 'region', 'aria-label': 'Selected rows' },
})
export class BulkBar {
  protected readonly store = inject(ListStore);
  private readonly records = inject(Records);
  private readonly toasts = inject(Toasts);
  protected readonly bulk = inject(Bulk);
  protected readonly searchUsers = inject(Lookup).in('users');

  protected readonly asking = signal<Question | undefined>(undefined);
  protected readonly failed = signal<readonly ItemResult[]>([]);
  protected readonly rows = computed(() =>
    this.store.rows().filter(({ id }) => this.store.selected().has(id)),
  );
  protected readonly tags = computed(() => {
    const all = this.rows().flatMap((row) => (row['tags'] ?? []) as readonly string[]);
    return [...new Set(all)].map((tag) => ({ value: tag, label: tag }));
  });
  protected readonly text = computed(() => counted(this.rows().length, this.store.type));

  constructor() {
    provideKeys([
      {
        title: 'Select every row that is loaded',
        keys: 'mod+a',
        group: 'List',
        run: () => this.store.toggleAll(),
      },
    ]);
  }

  protected setOwner(ownerId: string | null): Promise<void> {
    const { type } = this.store;
    return this.do(
      `Owner of ${this.text()} changed`,
      (row) => this.records.change(type, row.id, { ownerId }),
      (row) => this.records.change(type, row.id, { ownerId: row['ownerId'] ?? null }),
    );
  }
  protected tag(verb: 'add' | 'remove', tag: string | null): Promise<void> | undefined {
    if (!tag) return undefined;
    const { type } = this.store;
    const command = `change${pascal(type.record)}Tags`;
    const back = verb === 'add' ? 'remove' : 'add';
    return this.do(
      verb === 'add' ? `“${tag}” added to ${this.text()}` : `“${tag}” removed from ${this.text()}`,
      (row) => this.records.run(type, command, row.id, { [verb]: [tag] }),
      (row) => this.records.run(type, command, row.id, { [back]: [tag] }),
    );
  }
  protected archive(): Promise<void> {
    const { type } = this.store;
    return this.do(
      `${this.text()} archived`,
      (row) => this.records.archive(type, row.id),
      (row) => this.records.restore(type, row.id),
    );
  }
  protected restore(): Promise<void> {
    const { type } = this.store;
    const again = this.store.state().life === 'deleted' ? 'delete' : 'archive';
    return this.do(
      `${this.text()} restored`,
      (row) => this.records.restore(type, row.id),
      (row) => this.records[again](type, row.id),
    );
  }
  protected delete(): Promise<void> {
    const { type } = this.store;
    return this.do(
      `${this.text()} deleted`,
      (row) => this.records.delete(type, row.id),
      (row) => this.records.restore(type, row.id),
    );
  }

  /** Does it to every row; what was refused stays selected with its reason. */
  private async do(
    text: string,
    work: (row: RecordRow) => Promise<Answer>,
    undo: (row: RecordRow) => Promise<Answer>,
  ): Promise<void> {
    this.asking.set(undefined);
    const results = await this.bulk.run(text, this.rows(), work);
    const failed = results.filter(({ error }) => error);
    const done = results.filter(({ error }) => !error).map(({ row }) => row);
    await this.store.reload();
    this.store.select(failed.map(({ row }) => row.id));
    this.failed.set(failed);
    const takeBack = async () => {
      await this.bulk.run('Undoing', done, undo);
      await this.store.reload();
    };
    if (done.length === 0) return this.toasts.problem(`Nothing was changed.`);
    const note = failed.length > 0 ? `, ${failed.length} refused` : '';
    this.toasts.done(`${text}${note}.`, { label: 'Undo', run: () => void takeBack() });
  }
}
