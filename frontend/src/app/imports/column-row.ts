import { Component, computed, inject, input } from '@angular/core';
import { Icon } from '../../ui/icon';
import type { Option } from '../../ui/picker';
import { AliasEditor } from './alias-editor';
import { Choose } from './choose';
import { formatLabel, readingOf, tellingSample } from './formats';
import type { FileColumn } from './import-file';
import { ImportStore } from './import-store';
import { formatsFor, type Missing } from './mapping';
import { typeOfName } from './types';

/** One column of the file: what is in it, and what becomes of it. */
@Component({
  selector: 'cf-column-row',
  imports: [AliasEditor, Choose, Icon],
  templateUrl: './column-row.html',
  styleUrl: './column-row.scss',
  host: { role: 'listitem', '[class.skipped]': '!field()' },
})
export class ColumnRow {
  readonly column = input.required<FileColumn>();
  protected readonly store = inject(ImportStore);
  protected readonly choice = computed(() => this.store.draft()?.columns[this.column().name]);
  protected readonly field = computed(() => this.store.field(this.choice()?.field ?? null));
  protected readonly fields = computed<readonly Option[]>(() =>
    (this.store.file()?.fields ?? []).map(({ name, title, required }) => ({
      value: name,
      label: title,
      note: required ? 'required' : undefined,
    })),
  );
  protected readonly filled = computed(() => {
    const share = Math.round(this.column().filled * 100);
    if (share === 100) return 'always filled';
    return share === 0 ? 'empty' : `${share} % filled`;
  });
  protected readonly problems = computed(() =>
    this.store.problems().filter(({ column }) => column === this.column().name),
  );
  protected readonly formats = computed<readonly Option[]>(() => {
    const field = this.field();
    if (!field) return [];
    const names = formatsFor(this.column(), field);
    const sample = tellingSample(this.column().samples, names) ?? this.column().samples[0] ?? '';
    return names.map((value) => ({
      value,
      label: formatLabel(value),
      note: readingOf(value, sample),
    }));
  });
  /** A value that could mean two things, and what the chosen format makes of it. */
  protected readonly reading = computed(() => {
    const names = this.formats().map(({ value }) => value);
    const [sample, format] = [tellingSample(this.column().samples, names), this.choice()?.format];
    const meaning = sample && format ? readingOf(format, sample) : undefined;
    if (!meaning) return undefined;
    const other = names.find((name) => {
      const read = readingOf(name, sample!);
      return read !== undefined && read !== meaning;
    });
    const not = other ? `, not as ${readingOf(other, sample!)}` : '';
    return `“${sample}” is read as ${meaning}${not}.`;
  });
  protected readonly by = computed<readonly Option[]>(() =>
    (this.field()?.lookup?.by ?? []).map((value) => ({ value, label: wordsOf(value) })),
  );
  protected readonly target = computed(() => {
    const name = this.field()?.lookup?.type ?? '';
    return typeOfName(name)?.one ?? wordsOf(name).toLowerCase();
  });
  protected readonly missing = computed<readonly Option[]>(() => [
    { value: 'error', label: 'Reject the row' },
    { value: 'create', label: 'Create it' },
    { value: 'empty', label: 'Leave it empty' },
  ]);
  protected readonly takesAliases = computed(() =>
    ['choice', 'lookup'].includes(this.field()?.kind ?? ''),
  );

  protected setMissing(value: string | null): void {
    if (value) this.store.adjust(this.column(), { missing: value as Missing });
  }
}

/** `fullName` → Full name. */
function wordsOf(name: string): string {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
