import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import { MatDialog } from '@angular/material/dialog';
import { MatMenuModule } from '@angular/material/menu';
import { MatTooltip } from '@angular/material/tooltip';
import { Router, RouterLink } from '@angular/router';
import { Live, type Looked } from '../../../data/live';
import { Avatar } from '../../../ui/avatar';
import { dayOf } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { Failure } from '../../../ui/failure';
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
import { sharesOf, type RecordRow, type RecordType } from '../record-type';
import { same } from '../same';
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
    MatTooltip,
    RecordCompare,
    RecordTabs,
    RouterLink,
    StagePath,
    Failure,
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
  private readonly live = inject(Live);

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
  protected readonly shares = computed(() => sharesOf(this.store.row()));
  protected readonly isAside = computed(() => {
    const row = this.store.row();
    return row?.['deletedAt'] ? 'deleted' : row?.['archivedAt'] ? 'archived' : undefined;
  });

  /** What others are told that is looked at here. */
  private readonly looked = computed<Looked | undefined>(
    () => {
      if (this.store.row()?.id !== this.id() || this.time.isPast()) return undefined;
      return { type: this.type().record, id: this.id(), edits: this.store.isEdited() };
    },
    { equal: same },
  );
  /** Others who look at this record now, those who edit it first. */
  protected readonly others = computed(() => {
    const present = this.live.presence();
    const me = this.session.identity()?.user.id;
    if (!present || present.id !== this.id()) return [];
    const others = present.people.filter(({ id }) => id !== me);
    return others.sort((a, b) => Number(b.edits) - Number(a.edits));
  });

  constructor() {
    effect((done) => {
      const at = this.looked();
      if (at) done(untracked(() => this.live.look(at)));
    });
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
        title: 'Share this record',
        icon: 'team',
        group: 'Record',
        words: 'access who sees give',
        when: () => this.type().isShared && !this.time.isPast(),
        run: () => {
          const row = this.store.row();
          if (row) void this.share(row);
        },
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

  protected sayOf({ name, edits }: { readonly name: string; readonly edits: boolean }): string {
    return edits ? `${name} is editing this now` : `${name} is looking at this now`;
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
  protected async share(row: RecordRow): Promise<void> {
    const { openSharing } = await import('./share-dialog');
    openSharing(this.dialog, this.type(), row);
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
