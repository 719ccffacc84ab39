import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { MatMenuModule } from '@angular/material/menu';
import { Router, RouterLink } from '@angular/router';
import { Avatar } from '../../../ui/avatar';
import { dayOf } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { State } from '../../../ui/state';
import { Toasts } from '../../../ui/toasts';
import { DealMoves } from '../../board/deal-moves';
import { provideKeys } from '../../frame/commands';
import { Compare } from '../../frame/compare';
import { Recent } from '../../frame/recent';
import { Time } from '../../frame/time';
import type { Stage } from '../../pipelines/pipelines';
import { Session } from '../../session/session';
import { fieldsOf } from '../actions';
import type { RecordRow, RecordType } from '../record-type';
import { Value } from '../value';
import { FieldsPanel } from './fields-panel';
import { RecordCompare } from './record-compare';
import { RecordStore } from './record-store';
import { RecordTabs } from './record-tabs';
import { StagePath } from './stage-path';

const DAY = 86_400_000;

/** The page of one record of any type. */
@Component({
  selector: 'cf-record-page',
  imports: [
    Avatar,
    FieldsPanel,
    Icon,
    MatMenuModule,
    RecordCompare,
    RecordTabs,
    RouterLink,
    StagePath,
    State,
    Value,
  ],
  providers: [RecordStore],
  templateUrl: './record-page.html',
  styleUrl: './record-page.scss',
})
export class RecordPage {
  readonly type = input.required<RecordType>();
  readonly id = input.required<string>();
  protected readonly store = inject(RecordStore);
  protected readonly time = inject(Time);
  protected readonly compare = inject(Compare);
  private readonly session = inject(Session);
  private readonly moves = inject(DealMoves);
  private readonly toasts = inject(Toasts);
  private readonly router = inject(Router);
  private readonly dialog = inject(MatDialog);
  private readonly recent = inject(Recent);

  protected readonly head = computed(() =>
    fieldsOf(this.type(), this.type().head).filter(({ name }) =>
      hasValue(this.store.row()?.[name]),
    ),
  );
  protected readonly buttons = computed(() =>
    this.store
      .steps()
      .filter((step) => !step.inMenu)
      .slice(0, 2),
  );
  protected readonly inMenu = computed(() =>
    this.store.steps().filter((step) => !this.buttons().includes(step)),
  );
  protected readonly isDeal = computed(() => this.type().collection === 'deals');
  protected readonly isPerson = computed(() =>
    ['contacts', 'users'].includes(this.type().collection),
  );
  protected readonly mayDelete = computed(() =>
    this.session.may(`${this.type().collection}:delete`),
  );
  /** Only people are erased, and never from a view of the past. */
  protected readonly mayErase = computed(
    () => this.isPerson() && !this.time.isPast() && this.session.may('subjects:delete'),
  );
  protected readonly isAside = computed(() => {
    const row = this.store.row();
    return row?.['deletedAt'] ? 'deleted' : row?.['archivedAt'] ? 'archived' : undefined;
  });

  constructor() {
    effect(() => {
      const [type, id] = [this.type(), this.id()];
      untracked(() => this.store.show(type, id));
    });
    effect(() => {
      const row = this.store.row();
      if (row && !this.time.isPast()) {
        untracked(() =>
          this.recent.add({ record: this.type().record, id: row.id, label: row.label }),
        );
      }
    });
    provideKeys([
      {
        title: 'Copy the link to this page',
        icon: 'link',
        group: 'Record',
        run: () => void this.copyLink(),
      },
      {
        title: 'Compare this record with another time',
        icon: 'clock',
        group: 'Record',
        words: 'difference changed since history',
        run: () => this.compareWithMonthAgo(),
      },
      {
        title: 'Archive this record',
        icon: 'archive',
        group: 'Record',
        when: () => this.store.mayChange() && this.type().life,
        run: () => void this.store.run('archive'),
      },
      {
        title: 'Back to the list',
        keys: 'backspace',
        icon: 'left',
        group: 'Record',
        run: () => void this.router.navigate(['/', this.type().collection]),
      },
    ]);
  }

  protected async moveTo(stage: Stage): Promise<void> {
    const row = this.store.row();
    const result = row && (await this.moves.move(row, stage));
    if (result?.done && result.record) this.store.patch(result.record);
  }
  protected async erase(row: RecordRow): Promise<void> {
    const { askToErase } = await import('./erase-dialog');
    if (!(await askToErase(this.dialog, row))) return;
    this.recent.remove(row.id);
    await this.router.navigate(['/', this.type().collection]);
  }
  /** A month before what is shown; the bar above the comparison takes any other day. */
  protected compareWithMonthAgo(): void {
    this.compare.start(dayOf(new Date(this.time.now().getTime() - 30 * DAY)));
  }
  protected async copyLink(): Promise<void> {
    await navigator.clipboard.writeText(location.href);
    this.toasts.done('The link was copied.');
  }
}

function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '' && (value as []).length !== 0;
}
