import {
  Component,
  ElementRef,
  afterNextRender,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { Chip } from './chip';
import { Icon } from './icon';
import type { Tone } from './tone';

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly tone?: Tone | undefined;
  readonly note?: string | undefined;
}

let nextId = 0;

/** Chooses among options with the keyboard or the mouse; searches where there are many. */
@Component({
  selector: 'cf-picker',
  imports: [Chip, Icon],
  templateUrl: './picker.html',
  styleUrl: './picker.scss',
  host: { '(keydown)': 'press($event)' },
})
export class Picker {
  readonly label = input.required<string>();
  readonly options = input<readonly Option[]>([]);
  /** Looks options up instead; `options` then is what is shown before typing. */
  readonly search = input<(text: string, signal: AbortSignal) => Promise<readonly Option[]>>();
  readonly selected = input<readonly string[]>([]);
  readonly multiple = input(false);
  /** Offers to take the value away. */
  readonly clear = input<string>();
  /** Offers what was typed as a new option, as tags do. */
  readonly creates = input(false);
  readonly pick = output<string | null>();
  readonly closed = output();

  protected readonly id = `picker-${nextId++}`;
  protected readonly text = signal('');
  protected readonly found = signal<readonly Option[] | undefined>(undefined);
  protected readonly isSearching = signal(false);
  private readonly box = viewChild<ElementRef<HTMLInputElement>>('box');
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  protected readonly hasBox = computed(
    () => this.search() !== undefined || this.creates() || this.options().length > 7,
  );
  protected readonly shown = computed<readonly Option[]>(() => {
    const text = this.text().trim().toLowerCase();
    const options = this.search() ? (this.found() ?? this.options()) : this.options();
    const fitting = this.search()
      ? options
      : options.filter(({ label }) => label.toLowerCase().includes(text));
    const isNew =
      this.creates() && text && !fitting.some(({ label }) => label.toLowerCase() === text);
    const added = isNew
      ? [{ value: this.text().trim(), label: `Add “${this.text().trim()}”` }]
      : [];
    const none = this.clear() && !text ? [{ value: '', label: this.clear()! }] : [];
    return [...none, ...fitting, ...added];
  });
  protected readonly active = linkedSignal(() => {
    const chosen = this.shown().findIndex(({ value }) => this.selected().includes(value));
    return Math.max(chosen, 0);
  });

  constructor() {
    afterNextRender(() => (this.box()?.nativeElement ?? this.list()).focus());
    effect((done) => {
      const search = this.search();
      const text = this.text();
      if (!search) return;
      const abort = new AbortController();
      const timer = setTimeout(() => void this.look(search, text, abort.signal), text ? 120 : 0);
      done(() => {
        clearTimeout(timer);
        abort.abort();
      });
    });
    effect(() => {
      const index = this.active();
      untracked(() => {
        const element = this.list().children[index] as HTMLElement | undefined;
        element?.scrollIntoView?.({ block: 'nearest' });
      });
    });
  }

  protected type(event: Event): void {
    this.text.set((event.target as HTMLInputElement).value);
  }

  protected choose(option: Option): void {
    this.pick.emit(option.value === '' ? null : option.value);
    if (!this.multiple()) this.closed.emit();
    else this.text.set('');
  }

  protected press(event: KeyboardEvent): void {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.shown().length;
    if (move && count > 0) {
      this.active.update((index) => (index + move + count) % count);
    } else if (event.key === 'Enter' || (event.key === ' ' && !this.hasBox())) {
      const option = this.shown()[this.active()];
      if (option) this.choose(option);
    } else if (event.key === 'Escape') {
      this.closed.emit();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private list(): HTMLElement {
    return this.host.nativeElement.querySelector<HTMLElement>('[role="listbox"]')!;
  }

  private async look(
    search: NonNullable<ReturnType<typeof this.search>>,
    text: string,
    signal: AbortSignal,
  ): Promise<void> {
    this.isSearching.set(true);
    try {
      const found = await search(text, signal);
      if (!signal.aborted) this.found.set(found);
    } catch {
      if (!signal.aborted) this.found.set([]);
    } finally {
      if (!signal.aborted) this.isSearching.set(false);
    }
  }
}
