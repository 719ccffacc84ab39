import { CdkConnectedOverlay } from '@angular/cdk/overlay';
import {
  ApplicationRef,
  Component,
  DestroyRef,
  ElementRef,
  afterNextRender,
  afterRenderEffect,
  computed,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../../../ui/icon';
import { provideKeys } from '../../frame/commands';
import { Time } from '../../frame/time';
import { Session } from '../../session/session';
import { Actions, fieldsOf } from '../actions';
import { Editor } from '../editor';
import type { Field, RecordRow } from '../record-type';
import { isNumeric } from '../selection';
import { Value } from '../value';
import { ColumnWidths } from './column-widths';
import { ListStore } from './list-store';

/** Rows kept beyond what is seen, so that scrolling shows no gap. */
const MARGIN = 8;

interface Editing {
  readonly row: RecordRow;
  readonly field: Field;
  readonly cell: HTMLElement;
}

/** The rows of a list: only those in sight exist, cells are edited in place. */
@Component({
  selector: 'cf-list-table',
  imports: [CdkConnectedOverlay, Editor, Icon, RouterLink, Value],
  providers: [ColumnWidths],
  templateUrl: './list-table.html',
  styleUrl: './list-table.scss',
})
export class ListTable {
  protected readonly store = inject(ListStore);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  private readonly time = inject(Time);
  private readonly app = inject(ApplicationRef);
  protected readonly widths = inject(ColumnWidths);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  readonly isSelectable = input(true);
  readonly open = output<RecordRow>();
  readonly peek = output<RecordRow>();

  protected readonly fields = computed(() => fieldsOf(this.store.type, this.store.state().columns));
  protected readonly template = computed(() => {
    const [first, ...others] = this.fields();
    const column = (field: Field) => `${this.widths.of(field)}px`;
    const check = this.isSelectable() ? '40px ' : '16px ';
    const wide = first ? `minmax(${column(first)}, 1fr) ` : '';
    return `${check}${wide}${others.map(column).join(' ')} 16px`;
  });
  private readonly scroll = signal({ top: 0, height: 800, row: 36 });
  private readonly range = computed(
    () => {
      const { top, height, row } = this.scroll();
      const first = Math.max(0, Math.floor(top / row) - MARGIN);
      return { first, last: Math.ceil((top + height) / row) + MARGIN };
    },
    { equal: (a, b) => a.first === b.first && a.last === b.last },
  );
  protected readonly shown = computed(() => {
    const { first, last } = this.range();
    return this.store
      .rows()
      .slice(first, last)
      .map((row, index) => ({ row, index: first + index }));
  });
  protected readonly rowHeight = computed(() => this.scroll().row);
  protected readonly height = computed(() => this.store.rows().length * this.rowHeight());
  protected readonly activeColumn = signal(0);
  protected readonly editing = signal<Editing | undefined>(undefined);
  protected readonly isAllSelected = computed(
    () => this.store.selected().size > 0 && this.store.selected().size === this.store.rows().length,
  );
  protected readonly isNumeric = isNumeric;
  private anchor = 0;

  constructor() {
    const destroy = inject(DestroyRef);
    afterNextRender(() => {
      const sizes = new ResizeObserver(() => this.measure());
      sizes.observe(this.scroller());
      destroy.onDestroy(() => sizes.disconnect());
    });
    effect(() => {
      if (this.range().last >= this.store.rows().length - 20)
        untracked(() => void this.store.more());
    });
    effect(() => {
      if (this.store.moves() > 0) untracked(() => this.reveal(this.store.active()));
    });
    afterRenderEffect(() => {
      const before = this.store.replaced();
      untracked(() => this.keepPlace(before));
    });
    const row = (run: (row: RecordRow) => void) => () => {
      const active = this.store.activeRow();
      if (active) run(active);
    };
    const move = (by: number) => () => this.store.move(by);
    const sideways = (by: number) => () =>
      this.activeColumn.update((at) => Math.max(0, Math.min(this.fields().length - 1, at + by)));
    const widen = (by: number) => () => {
      const field = this.fields()[this.activeColumn()];
      if (field) this.widths.step(field, by);
    };
    const silent = { group: 'List', silent: true } as const;
    provideKeys([
      { ...silent, title: 'Next row', keys: 'j', run: move(1) },
      { ...silent, title: 'Next row', keys: 'arrowdown', run: move(1) },
      { ...silent, title: 'Previous row', keys: 'k', run: move(-1) },
      { ...silent, title: 'Previous row', keys: 'arrowup', run: move(-1) },
      { ...silent, title: 'Next column', keys: 'arrowright', run: sideways(1) },
      { ...silent, title: 'Previous column', keys: 'arrowleft', run: sideways(-1) },
      { ...silent, title: 'Wider column', keys: 'shift+arrowright', run: widen(1) },
      { ...silent, title: 'Narrower column', keys: 'shift+arrowleft', run: widen(-1) },
      { ...silent, title: 'Open', keys: 'enter', run: row((one) => this.open.emit(one)) },
      { ...silent, title: 'Peek', keys: 'space', run: row((one) => this.peek.emit(one)) },
      { ...silent, title: 'Select', keys: 'x', run: row(({ id }) => this.store.toggle(id)) },
      { ...silent, title: 'Edit the cell', keys: 'e', run: row((one) => this.editActive(one)) },
      {
        ...silent,
        title: 'Clear the selection',
        keys: 'escape',
        when: () => this.store.selected().size > 0,
        run: () => this.store.select([]),
      },
    ]);
  }

  protected measure(): void {
    const element = this.scroller();
    const row = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row'));
    this.scroll.set({
      top: element.scrollTop,
      height: element.clientHeight,
      row: row || this.scroll().row,
    });
  }

  protected sort(field: Field): void {
    if (!field.sort) return;
    const { sort } = this.store.state();
    this.store.go({ sort: sort === field.name ? `-${field.name}` : field.name });
  }
  protected sortOf({ name }: Field): 'ascending' | 'descending' | null {
    const { sort } = this.store.state();
    return sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : null;
  }

  protected check(event: MouseEvent, index: number): void {
    const rows = this.store.rows();
    if (event.shiftKey) {
      const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
      const range = rows.slice(from, to + 1).map(({ id }) => id);
      this.store.select([...this.store.selected(), ...range]);
    } else {
      this.store.toggle(rows[index]!.id);
    }
    this.anchor = index;
  }

  protected activate(index: number, column: number): void {
    this.store.active.set(index);
    this.activeColumn.set(column);
  }

  protected canEdit(row: RecordRow, field: Field): boolean {
    const { collection } = this.store.type;
    const owner = this.store.type.collection === 'tasks' ? row['assignedToId'] : row['ownerId'];
    return (
      field.edit !== false &&
      field.kind !== 'records' &&
      !this.time.isPast() &&
      !row['archivedAt'] &&
      !row['deletedAt'] &&
      this.session.mayChange(collection, owner as string | null)
    );
  }

  protected edit(event: Event, row: RecordRow, field: Field): void {
    if (!this.canEdit(row, field)) return;
    event.preventDefault();
    this.begin({ row, field, cell: event.currentTarget as HTMLElement });
  }

  protected async save(value: unknown): Promise<void> {
    const editing = this.editing();
    if (!editing) return;
    const { row, field } = editing;
    if (field.kind !== 'tags') this.stopEditing();
    const result = await this.actions.change(this.store.type, row, field, value);
    if (!result.done || !result.record) return;
    this.store.patch(result.record);
    if (this.editing()?.row.id === row.id) {
      this.editing.update((one) => one && { ...one, row: { ...one.row, ...result.record } });
    }
  }

  /** The row as it is by now. */
  protected nowOf({ row }: Editing): RecordRow {
    return this.store.rows().find(({ id }) => id === row.id) ?? row;
  }

  protected stopEditing(): void {
    this.editing.set(undefined);
    this.host.nativeElement.querySelector<HTMLElement>('[role="grid"]')?.focus();
  }

  private editActive(row: RecordRow): void {
    const field = this.fields()[this.activeColumn()];
    const cell = this.host.nativeElement.querySelector<HTMLElement>('.cell.active');
    if (field && cell && this.canEdit(row, field)) this.begin({ row, field, cell });
  }

  private begin(editing: Editing): void {
    this.editing.set(editing);
    // Drawn at once: what is typed next is meant for the editor, not for the list.
    this.app.tick();
  }

  private reveal(index: number): void {
    const { top, height, row } = this.scroll();
    const head = 36;
    const at = index * row;
    const element = this.host.nativeElement.querySelector('.scroller');
    if (at < top) element?.scrollTo({ top: at });
    else if (at + row + head > top + height) element?.scrollTo({ top: at + row + head - height });
  }

  /** Scrolls as far as rows moved that were put in or taken out above what is seen. */
  private keepPlace(before: readonly RecordRow[]): void {
    const { top, row } = this.scroll();
    const index = Math.floor(top / row);
    const id = index > 0 ? before[index]?.id : undefined;
    const at = id ? this.store.rows().findIndex((one) => one.id === id) : -1;
    if (at >= 0 && at !== index) this.scroller().scrollBy({ top: (at - index) * row });
  }

  private scroller(): HTMLElement {
    return this.host.nativeElement.querySelector<HTMLElement>('.scroller')!;
  }
}
