import { Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { Icon } from '../../ui/icon';
import type { Option } from '../../ui/picker';
import { Choose } from './choose';
import type { FileColumn, ImportField } from './import-file';
import { ImportStore } from './import-store';
import { unknownValues, type ColumnChoice } from './mapping';

/** What values of a file mean where the workspace calls them otherwise. */
@Component({
  selector: 'cf-alias-editor',
  imports: [Choose, Icon],
  template: `
    <button
      type="button"
      class="button quiet small"
      [attr.aria-expanded]="isOpen()"
      (click)="isOpen.set(!isOpen())"
    >
      <cf-icon [name]="isOpen() ? 'up' : 'down'" [size]="12" /> {{ title() }}
    </button>
    @if (isOpen()) {
      <ul>
        @for (value of values(); track value) {
          <li>
            <span class="cut" [title]="value">{{ value }}</span>
            @if (field().choices) {
              <cf-choose
                [label]="'Meaning of ' + value"
                none="Unknown"
                clear="Unknown"
                [options]="options()"
                [selected]="choice().aliases[value] ? [choice().aliases[value]!] : []"
                (pick)="set(value, $event ?? '')"
              />
            } @else {
              <input
                #to
                class="input"
                [attr.aria-label]="'Meaning of ' + value"
                placeholder="Name in this workspace"
                [value]="choice().aliases[value] ?? ''"
                (change)="set(value, to.value)"
              />
            }
            <button
              type="button"
              class="icon-button small"
              [attr.aria-label]="'Remove ' + value"
              (click)="set(value, ''); added.set(without(value))"
            >
              <cf-icon name="close" [size]="12" />
            </button>
          </li>
        }
      </ul>
      <form (submit)="$event.preventDefault(); add(box)">
        <input
          #box
          class="input"
          aria-label="Another value of the file"
          placeholder="Another value"
        />
        <button class="button small">Add</button>
      </form>
    }
  `,
  styles: `
    :host {
      display: grid;
      justify-items: start;
      gap: 6px;
      min-width: 0;
    }
    ul,
    form {
      display: grid;
      gap: 6px;
      width: 100%;
    }
    li {
      display: grid;
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 24px;
      align-items: center;
      gap: 8px;
    }
    form {
      grid-template-columns: minmax(0, 1fr) auto;
    }
  `,
})
export class AliasEditor {
  readonly column = input.required<FileColumn>();
  readonly field = input.required<ImportField>();
  readonly choice = input.required<ColumnChoice>();
  private readonly store = inject(ImportStore);
  protected readonly added = signal<readonly string[]>([]);
  private readonly unknown = computed(() => {
    const none = { ...this.choice(), aliases: {} };
    return unknownValues(this.column(), this.field(), none);
  });
  protected readonly values = computed(() => [
    ...new Set([...this.unknown(), ...Object.keys(this.choice().aliases), ...this.added()]),
  ]);
  /** Open by itself where the file holds values nobody knows. */
  protected readonly isOpen = linkedSignal(() => this.unknown().length > 0);
  protected readonly title = computed(() => {
    const count = Object.keys(this.choice().aliases).length;
    if (count === 0) return 'Values called otherwise';
    return count === 1 ? '1 value is replaced' : `${count} values are replaced`;
  });
  protected readonly options = computed<readonly Option[]>(() =>
    (this.field().choices ?? []).map(({ value, title }) => ({ value, label: title })),
  );

  protected set(value: string, meaning: string): void {
    const { [value]: _old, ...others } = this.choice().aliases;
    const aliases = meaning.trim() ? { ...others, [value]: meaning.trim() } : others;
    this.store.adjust(this.column(), { aliases });
  }
  protected add(box: HTMLInputElement): void {
    const value = box.value.trim();
    box.value = '';
    if (value) this.added.update((all) => [...all, value]);
  }
  protected without(value: string): readonly string[] {
    return this.added().filter((one) => one !== value);
  }
}
