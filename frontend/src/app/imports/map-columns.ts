import { Component, computed, inject, output } from '@angular/core';
import { countText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import type { Option } from '../../ui/picker';
import { Choose } from './choose';
import { ColumnRow } from './column-row';
import { bytesText, delimiters, encodings, type Delimiter, type Encoding } from './import-file';
import { ImportStore } from './import-store';
import { mappedFields } from './mapping';

const currencies: readonly Option[] = Intl.supportedValuesOf('currency').map((value) => ({
  value,
  label: value,
}));

/** The second step: which column goes where, and how records are told apart. */
@Component({
  selector: 'cf-map-columns',
  imports: [Choose, ColumnRow, Icon],
  templateUrl: './map-columns.html',
  styleUrl: './map-columns.scss',
})
export class MapColumns {
  readonly anotherFile = output();
  protected readonly store = inject(ImportStore);
  protected readonly encodings: readonly Option[] = encodings;
  protected readonly delimiters: readonly Option[] = delimiters;
  protected readonly currencies = currencies;
  protected readonly bytes = bytesText;
  protected readonly count = countText;
  protected readonly keys = computed<readonly Option[]>(() => {
    const mapped = mappedFields(this.store.draft()!);
    const fields = this.store.file()?.fields ?? [];
    const fitting = fields.filter(
      ({ name, kind }) => mapped.has(name) && !['longText', 'tags'].includes(kind),
    );
    return fitting.map(({ name, title }) => ({ value: name, label: title }));
  });
  protected readonly hasMoney = computed(() => {
    const mapped = mappedFields(this.store.draft()!);
    return this.store.file()!.fields.some(({ name, kind }) => kind === 'money' && mapped.has(name));
  });
  protected readonly general = computed(() => this.store.problems().filter((one) => !one.column));

  protected setEncoding(value: string | null): void {
    if (value) this.store.readAs({ encoding: value as Encoding });
  }
  protected setDelimiter(value: string | null): void {
    if (value) this.store.readAs({ delimiter: value as Delimiter });
  }
  /** Tells records apart by what the file suggests, or by the first field there is. */
  protected useKey(): void {
    const guess = this.store.file()?.keyGuess ?? [];
    const possible = this.keys().map(({ value }) => value);
    const key = guess.filter((name) => possible.includes(name));
    this.store.setKey(key.length > 0 ? key : possible.slice(0, 1));
  }
}
