import { Component, computed, inject, input, signal, type OnInit } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { MatDialog } from '@angular/material/dialog';
import { MatMenuModule } from '@angular/material/menu';
import { MatTooltip } from '@angular/material/tooltip';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import { countText } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { State } from '../../../ui/state';
import { provideKeys } from '../../frame/commands';
import { Preferences } from '../../frame/preferences';
import { Time } from '../../frame/time';
import { mayImport } from '../../imports/types';
import { Session } from '../../session/session';
import { createRecord } from '../record/create-record';
import { Peek } from '../record/peek';
import type { RecordRow, RecordType } from '../record-type';
import { BulkBar } from './bulk-bar';
import { ColumnChoice } from './column-choice';
import { ColumnMenu } from './column-menu';
import { ListExport } from './export';
import { FilterBar } from './filter-bar';
import { readState, type Life } from './list-state';
import { ListStore } from './list-store';
import { ListTable } from './list-table';

/** A list of any type of record; what it shows is in its address. */
@Component({
  selector: 'cf-list-page',
  imports: [
    BulkBar,
    ColumnMenu,
    FilterBar,
    Icon,
    ListTable,
    MatMenuModule,
    MatTooltip,
    Peek,
    RouterLink,
    State,
  ],
  providers: [ListStore, ListExport],
  templateUrl: './list-page.html',
  styleUrl: './list-page.scss',
})
export class ListPage implements OnInit {
  readonly type = input.required<RecordType>();
  protected readonly store = inject(ListStore);
  protected readonly exporting = inject(ListExport);
  protected readonly preferences = inject(Preferences);
  protected readonly time = inject(Time);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly dialog = inject(MatDialog);
  private readonly route = inject(ActivatedRoute);
  private readonly params = toSignal(this.route.queryParamMap, {
    initialValue: this.route.snapshot.queryParamMap,
  });
  private readonly choice = inject(ColumnChoice);
  protected readonly state = computed(() =>
    readState(this.type(), this.params(), this.choice.columns(this.type())),
  );
  protected readonly count = computed(() => {
    const { total, isCapped } = this.store.total();
    return countText(total, isCapped);
  });
  protected readonly title = computed(() => {
    const { many } = this.type();
    return many[0]!.toUpperCase() + many.slice(1);
  });
  protected readonly mayCreate = computed(
    () => !this.time.isPast() && this.session.may(`${this.type().collection}:create`),
  );
  protected readonly mayImport = computed(
    () => !this.time.isPast() && mayImport(this.session, this.type().collection),
  );
  protected readonly canSelect = computed(() => !this.time.isPast() && this.type().life);
  protected readonly peeked = computed(() => this.state().peek);
  protected readonly isReady = signal(false);

  constructor() {
    provideKeys([
      {
        title: 'Close the side panel',
        keys: 'escape',
        group: 'List',
        silent: true,
        when: () => this.peeked() !== null,
        run: () => this.peek(null),
      },
      {
        title: 'Export this list as CSV',
        icon: 'download',
        group: 'List',
        run: () => void this.exporting.save(this.type(), this.state()),
      },
    ]);
  }

  ngOnInit(): void {
    this.store.follow(this.type(), this.state);
    // The address then shows colleagues the same columns.
    const { columns } = this.state();
    if (!this.params().has('columns') && columns !== this.type().columns) {
      this.store.go({ columns }, true);
    }
  }

  protected create(): void {
    void createRecord(this.dialog, this.type()).then((record) => {
      if (record) void this.router.navigate(['/', this.type().collection, record.id]);
    });
  }
  protected open(row: RecordRow): void {
    void this.router.navigate(['/', this.type().collection, row.id]);
  }
  protected peek(row: RecordRow | null): void {
    const id = row?.id ?? null;
    this.store.go({ peek: id === this.peeked() ? null : id }, true);
  }
  protected show(life: Life): void {
    this.store.go({ life });
  }
  protected clear(): void {
    this.store.go({ filters: [], search: '', life: 'current' });
  }
  protected toggleDensity(): void {
    this.preferences.density.update((one) => (one === 'dense' ? 'comfortable' : 'dense'));
  }
}
