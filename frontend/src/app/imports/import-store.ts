import { Injectable, computed, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Toasts } from '../../ui/toasts';
import { Session } from '../session/session';
import { Drafts } from './drafts';
import type { Dialect, FileColumn, ImportFile } from './import-file';
import { Imports } from './imports';
import {
  adopt,
  choose,
  draftOf,
  fieldNamed,
  problemsOf,
  type ColumnChoice,
  type Draft,
} from './mapping';

/** The file of an import and what the person decided about it. */
@Injectable()
export class ImportStore {
  private readonly imports = inject(Imports);
  private readonly drafts = inject(Drafts);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  private readonly read = signal<ImportFile | undefined>(undefined);
  private readonly decided = signal<Draft | undefined>(undefined);
  private readonly failed = signal<ApiError | undefined>(undefined);
  private readonly busy = signal(false);
  private id: string | undefined;
  readonly file = this.read.asReadonly();
  readonly draft = this.decided.asReadonly();
  readonly error = this.failed.asReadonly();
  /** Whether the file is being read in another dialect. */
  readonly isReading = this.busy.asReadonly();
  readonly problems = computed(() => {
    const [file, draft] = [this.file(), this.draft()];
    return file && draft ? problemsOf(file, draft) : [];
  });
  readonly isReady = computed(() => this.problems().every(({ isWarning }) => isWarning));

  open(id: string | undefined): void {
    if (id === this.id) return;
    this.id = id;
    this.read.set(undefined);
    this.decided.set(undefined);
    this.failed.set(undefined);
    if (id) void this.load(id, this.drafts.read(id));
  }
  reload(): void {
    if (this.id) void this.load(this.id, this.drafts.read(this.id));
  }
  /** A file that was just uploaded need not be read again. */
  take(file: ImportFile): void {
    this.id = file.id;
    this.failed.set(undefined);
    this.show(file);
  }
  readAs(change: Partial<Dialect>): void {
    const draft = this.draft();
    if (!this.id || !draft) return;
    const kept = { ...draft, dialect: { ...draft.dialect, ...change } };
    // What cannot be read like that stays as it was read before.
    void this.load(this.id, kept, (error) => this.toasts.problem(error.message));
  }

  assign(column: FileColumn, field: string | null): void {
    const file = this.file();
    if (!file) return;
    this.change(column.name, choose(file, column, field));
    this.update((draft) => {
      const fields = new Set(Object.values(draft.columns).map((one) => one.field));
      return { ...draft, key: draft.key.filter((name) => fields.has(name)) };
    });
  }
  adjust(column: FileColumn, change: Partial<ColumnChoice>): void {
    const old = this.draft()?.columns[column.name];
    if (old) this.change(column.name, { ...old, ...change });
  }
  toggleKey(field: string): void {
    this.update((draft) => {
      const has = draft.key.includes(field);
      return {
        ...draft,
        key: has ? draft.key.filter((one) => one !== field) : [...draft.key, field],
      };
    });
  }
  setKey(key: readonly string[]): void {
    this.update((draft) => ({ ...draft, key }));
  }
  setCurrency(currency: string): void {
    this.update((draft) => ({ ...draft, currency }));
  }
  field(name: string | null) {
    const file = this.file();
    return file && fieldNamed(file, name);
  }

  private change(column: string, choice: ColumnChoice): void {
    this.update((draft) => ({ ...draft, columns: { ...draft.columns, [column]: choice } }));
  }
  private update(change: (draft: Draft) => Draft): void {
    const draft = this.draft();
    if (!draft || !this.id) return;
    const next = change(draft);
    this.decided.set(next);
    this.drafts.keep(this.id, next);
  }
  private show(file: ImportFile, kept?: Draft): void {
    const currency = this.session.identity()?.workspace.currency ?? 'USD';
    this.read.set(file);
    const draft = kept ? adopt(file, kept) : draftOf(file, currency);
    this.decided.set(draft);
    this.drafts.keep(file.id, draft);
  }
  private async load(
    id: string,
    kept?: Draft,
    refused: (error: ApiError) => void = (error) => this.failed.set(error),
  ): Promise<void> {
    this.busy.set(true);
    try {
      const file = await this.imports.file(id, kept?.dialect);
      if (id !== this.id) return;
      this.failed.set(undefined);
      this.show(file, kept);
    } catch (error) {
      if (id === this.id) refused(apiError(error));
    } finally {
      this.busy.set(false);
    }
  }
}
