import { DestroyRef, Injectable, computed, effect, inject, signal, untracked } from '@angular/core';
import { apiError, type ApiError } from '../../../data/api';
import { Again } from '../../../data/again';
import { Live } from '../../../data/live';
import { Time } from '../../frame/time';
import { Session } from '../../session/session';
import { Actions, type Outcome } from '../actions';
import {
  fieldOf,
  ownerOf,
  sharesOf,
  type Field,
  type RecordRow,
  type RecordType,
  type Step,
} from '../record-type';
import { Records } from '../records';
import { same } from '../same';

/** One record: as it is, or as it was at the instant the app shows. */
@Injectable()
export class RecordStore {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  private readonly time = inject(Time);
  private readonly live = inject(Live);
  private readonly asked = signal<{ type: RecordType; id: string } | undefined>(undefined);
  private readonly loaded = signal<RecordRow | undefined>(undefined);
  private readonly absent = signal(false);
  private readonly failure = signal<ApiError | undefined>(undefined);
  private abort = new AbortController();
  private readonly again = new Again(() => this.readQuietly());
  private readonly edits = signal(0);
  /** Position of the last change of somebody else. */
  private noticed: string | undefined;

  readonly row = this.loaded.asReadonly();
  readonly isMissing = this.absent.asReadonly();
  readonly error = this.failure.asReadonly();
  /** The record as it is now, while the app shows the past. */
  readonly now = signal<RecordRow | undefined>(undefined);
  readonly type = computed(() => this.asked()!.type);
  /** Whether a value of it is being edited here. */
  readonly isEdited = computed(() => this.edits() > 0);

  readonly mayChange = computed(() => {
    const row = this.row();
    return row !== undefined && !this.time.isPast() && this.isAlive(row) && this.allowed(row);
  });
  /** Whether a value of the past could be brought back. */
  readonly mayRestoreValues = computed(() => {
    const now = this.now();
    return this.time.isPast() && now !== undefined && this.isAlive(now) && this.allowed(now);
  });
  readonly steps = computed<readonly Step[]>(() => {
    const row = this.row();
    if (!row || !this.mayChange()) return [];
    return this.type().steps.filter((step) => this.session.may(step.permission) && step.when(row));
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.abort.abort();
      this.again.stop();
    });
    effect(() => {
      const asked = this.asked();
      this.time.asOf();
      this.records.refreshed();
      if (asked) untracked(() => void this.read(asked.type, asked.id));
    });
    // What cannot be read cannot be watched either.
    const isThere = computed(() => this.row() !== undefined);
    effect((done) => {
      const asked = this.asked();
      if (asked && isThere()) untracked(() => done(this.follow(asked.type, asked.id)));
    });
    effect(() => {
      const { id } = this.records.changed();
      untracked(() => {
        const asked = this.asked();
        if (asked?.id === id && this.row()) void this.read(asked.type, id);
      });
    });
  }

  /** Reads again what others change. */
  private follow({ record }: RecordType, id: string): () => void {
    return this.live.watch({
      what: { to: 'record', type: record, id, related: true },
      changed: (changes) => {
        const known = this.row()?.revision ?? 0;
        if (changes.every((one) => one.id === id && one.version <= known)) return;
        this.noticed = changes.at(-1)!.position;
        this.again.ask();
      },
      missed: () => this.again.ask(),
    });
  }
  /** What is shown stays where it cannot be read just now; the past does not change. */
  private async readQuietly(): Promise<void> {
    const asked = this.asked();
    if (asked && this.row() && !this.time.isPast()) await this.read(asked.type, asked.id, true);
  }

  /** A value of it is edited until the answer is called. */
  beginEdit(): () => void {
    this.edits.update((count) => count + 1);
    return () => this.edits.update((count) => count - 1);
  }

  show(type: RecordType, id: string): void {
    const before = untracked(this.asked);
    if (before?.id === id && before.type === type) return;
    this.loaded.set(undefined);
    this.asked.set({ type, id });
  }
  reload(): void {
    const asked = this.asked();
    if (asked) void this.read(asked.type, asked.id);
  }

  canEdit(field: Field): boolean {
    return this.mayChange() && field.edit !== false && field.kind !== 'records';
  }

  /**
   * Changes a field at once on the page; takes it back when it is refused. `seen` is the record the
   * person began to edit: what others changed since then is never lost without a question.
   */
  async change(field: Field, value: unknown, seen = this.row()!): Promise<Outcome> {
    const before = this.row()!;
    if (field.kind !== 'record') this.patch({ ...before, [field.name]: value });
    return this.settle(before, this.actions.change(this.type(), seen, field, value));
  }

  /** Brings a value back into the record of today: the one shown, or one of its history. */
  async restoreValue(field: Field, value = this.row()?.[field.name]): Promise<void> {
    const now = this.now();
    if (!this.time.isPast()) return void (await this.change(field, value ?? null));
    if (!now) return;
    const result = await this.actions.change(this.type(), now, field, value ?? null);
    if (result.done && result.record) this.now.set(result.record);
  }
  /** Whether the record of today has another value than this one, and may have it. */
  canRestore(field: Field, value: unknown): boolean {
    const today = this.time.isPast() ? this.now() : this.row();
    const may = this.time.isPast() ? this.mayRestoreValues() : this.mayChange();
    return may && field.edit !== false && today !== undefined && !same(today[field.name], value);
  }
  /** Whether a field had another value at the instant shown than it has now. */
  differs(field: Field): boolean {
    const [then, now] = [this.row(), this.now()];
    if (!this.time.isPast() || !then || !now) return false;
    return !same(then[field.name], now[field.name]);
  }

  step(step: Step): Promise<Outcome> {
    const row = this.row()!;
    return this.settle(row, this.actions.step(this.type(), row, step));
  }
  run(kind: 'archive' | 'restore' | 'delete'): Promise<Outcome> {
    const row = this.row()!;
    return this.settle(row, this.actions[kind](this.type(), row));
  }
  patch(row: RecordRow): void {
    this.loaded.set(row);
  }
  field(name: string): Field | undefined {
    return fieldOf(this.type(), name);
  }

  private async settle(before: RecordRow, work: Promise<Outcome>): Promise<Outcome> {
    const result = await work;
    const isNewer = (this.row()?.revision ?? 0) > before.revision;
    if (!result.done && !isNewer) this.patch(before);
    else if (!result.done) this.again.ask();
    else if (result.record && this.isShown(result.record)) this.patch(result.record);
    return result;
  }

  /** Answers may come after what others changed since. */
  private isShown({ id, revision }: RecordRow): boolean {
    const row = this.row();
    return row?.id === id && revision >= row.revision;
  }

  private isAlive(row: RecordRow): boolean {
    return !row['archivedAt'] && !row['deletedAt'];
  }
  private allowed(row: RecordRow): boolean {
    const { collection } = this.type();
    return this.session.mayChange(collection, ownerOf(this.type(), row), sharesOf(row));
  }

  private async read(type: RecordType, id: string, isQuiet = false): Promise<void> {
    this.abort.abort();
    const { signal } = (this.abort = new AbortController());
    const isPast = this.time.isPast();
    if (!isQuiet) this.failure.set(undefined);
    try {
      const [row, now] = await Promise.all([
        this.records.one(type, id, {
          signal,
          atLeast: isQuiet ? this.records.andAtLeast(this.noticed) : undefined,
        }),
        isPast ? this.records.one(type, id, { signal, now: true }) : undefined,
      ]);
      if (signal.aborted) return;
      this.absent.set(row === null);
      if (!row || !isQuiet || this.isShown(row)) this.loaded.set(row ?? undefined);
      this.now.set(now ?? undefined);
    } catch (error) {
      if (!signal.aborted && !isQuiet) this.failure.set(apiError(error));
    }
  }
}
