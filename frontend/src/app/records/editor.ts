import {
  Component,
  ElementRef,
  afterNextRender,
  computed,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { dayOf, majorText, minorUnits, type Money } from '../../ui/format';
import { Picker, type Option } from '../../ui/picker';
import { Session } from '../session/session';
import { referenceOf, type Field, type RecordRow } from './record-type';
import { Lookup } from './lookup';
import { same } from './same';
import { Value } from './value';

/** Edits the value of one field in place: Enter keeps it, Escape leaves it as it was. */
@Component({
  selector: 'cf-editor',
  imports: [Picker, Value],
  templateUrl: './editor.html',
  styleUrl: './editor.scss',
})
export class Editor {
  private readonly session = inject(Session);
  private readonly lookup = inject(Lookup);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  readonly field = input.required<Field>();
  readonly row = input.required<RecordRow>();
  /** The record as it is by now, while `row` is as it was when editing began. */
  readonly now = input<RecordRow>();
  /** Part of a form: every change counts at once, Enter and Escape belong to the form. */
  readonly isForm = input(false);
  readonly autofocus = input(true);
  readonly inputId = input<string>();
  /** The new value as the API takes it; null clears the field. */
  readonly save = output<unknown>();
  readonly leave = output();

  protected readonly problem = signal<string | undefined>(undefined);
  private isDone = false;
  protected readonly value = computed(() => this.row()[this.field().name] ?? null);
  /** What somebody else made of the field meanwhile. */
  protected readonly theirs = computed(() => {
    const [{ name }, now] = [this.field(), this.now()];
    return now && !same(now[name], this.row()[name]) ? now : undefined;
  });
  protected readonly currency = computed(
    () =>
      (this.value() as Money | null)?.currency ??
      this.session.identity()?.workspace.currency ??
      'USD',
  );
  protected readonly isPicked = computed(() =>
    ['choice', 'record', 'tags', 'flag'].includes(this.field().kind),
  );
  protected readonly selected = computed<readonly string[]>(() => {
    const value = this.value();
    if (value === null) return [];
    return Array.isArray(value) ? (value as string[]) : [String(value)];
  });
  protected readonly options = computed<readonly Option[]>(() => {
    const field = this.field();
    if (field.kind === 'flag') return yesNo;
    if (field.kind === 'tags') return this.selected().map((tag) => ({ value: tag, label: tag }));
    const chosen = referenceOf(this.row(), field);
    if (field.kind === 'record' && chosen) return [{ value: chosen.id, label: chosen.label }];
    return field.choices ?? [];
  });
  protected readonly search = computed(() => {
    const { kind, target } = this.field();
    return kind === 'record' && target ? this.lookup.in(target) : undefined;
  });
  protected readonly clear = computed(() => {
    const field = this.field();
    return field.required || field.kind === 'tags' || field.kind === 'flag'
      ? undefined
      : `No ${field.label.toLowerCase()}`;
  });
  protected readonly inputType = computed(() => {
    const types: Partial<Record<Field['kind'], string>> = {
      day: 'date',
      instant: 'datetime-local',
      email: 'email',
      phone: 'tel',
      url: 'url',
    };
    return types[this.field().kind] ?? 'text';
  });
  protected readonly initial = computed(() => {
    const value = this.value();
    if (value === null) return '';
    switch (this.field().kind) {
      case 'money':
        return majorText(value as Money).replace(/\.0+$/, '');
      case 'instant':
        return localTime(String(value));
      default:
        return String(value);
    }
  });

  constructor() {
    afterNextRender(() => {
      if (!this.autofocus()) return;
      const box = this.host.nativeElement.querySelector<HTMLInputElement>('.input');
      box?.focus();
      if (box?.type === 'text') box.select();
    });
  }

  protected pick(value: string | null): void {
    const { kind } = this.field();
    if (kind === 'tags' && value !== null) {
      const tags = this.selected();
      this.save.emit(tags.includes(value) ? tags.filter((one) => one !== value) : [...tags, value]);
    } else {
      this.save.emit(kind === 'flag' ? value === 'true' : value);
    }
  }

  protected press(event: KeyboardEvent): void {
    const box = event.target as HTMLInputElement;
    const isLong = this.field().kind === 'paragraph';
    if (this.isForm()) {
      // Enter sends the form, with what was typed just now.
      if (event.key === 'Enter' && !isLong) this.keep(box.value);
      return;
    }
    const keeps = event.key === 'Enter' && (!isLong || event.ctrlKey || event.metaKey);
    if (keeps) this.keep(box.value);
    else if (event.key === 'Escape') this.end(() => this.leave.emit());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** In a form plain text counts while it is typed, so that the form can look for duplicates. */
  protected type(event: Event): void {
    const { kind } = this.field();
    if (!this.isForm() || (kind !== 'text' && kind !== 'email')) return;
    this.save.emit((event.target as HTMLInputElement).value || null);
  }

  protected blur(event: FocusEvent): void {
    // On the way to what somebody else entered nothing is decided yet.
    const isWithin = this.host.nativeElement.contains(event.relatedTarget as Node | null);
    if (!this.isDone && !isWithin) this.keep((event.target as HTMLInputElement).value);
  }
  protected takeTheirs(): void {
    this.end(() => this.leave.emit());
  }

  private keep(text: string): void {
    if (this.isDone) return;
    if (text === this.initial()) {
      this.problem.set(undefined);
      return this.end(() => this.leave.emit());
    }
    const value = this.parse(text.trim());
    if (value !== undefined) this.end(() => this.save.emit(value));
  }

  private end(emit: () => void): void {
    // A form keeps the editor for the next change; elsewhere it goes, and its last blur says nothing.
    this.isDone = !this.isForm();
    emit();
  }

  /** The text as the API takes it; undefined, with the reason shown, when it is none. */
  private parse(text: string): unknown {
    const field = this.field();
    this.problem.set(undefined);
    if (text === '') return field.required ? this.refuse(`${field.label} is needed.`) : null;
    switch (field.kind) {
      case 'money': {
        const amountMinor = minorUnits(text, this.currency());
        if (amountMinor) return { amountMinor, currency: this.currency() };
        return this.refuse('Enter an amount such as 1,250 or 12k.');
      }
      case 'number':
      case 'percent': {
        const number = Number(text.replaceAll(/[\s,%]/g, ''));
        return Number.isInteger(number) ? number : this.refuse('Enter a whole number.');
      }
      case 'instant': {
        const at = new Date(text);
        return Number.isNaN(at.getTime()) ? this.refuse('Enter a day and time.') : at.toISOString();
      }
      case 'url':
        return /^https?:\/\//.test(text) ? text : `https://${text}`;
      default:
        return text;
    }
  }

  private refuse(problem: string): undefined {
    this.problem.set(problem);
    return undefined;
  }
}

const yesNo: readonly Option[] = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

/** An instant as the browser's own input takes it: local time without a zone. */
function localTime(instant: string): string {
  const at = new Date(instant);
  const clock = `${at.getHours()}`.padStart(2, '0') + ':' + `${at.getMinutes()}`.padStart(2, '0');
  const day = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const text = day.map((part) => `${part}`.padStart(2, '0')).join('-');
  return Number.isNaN(at.getTime()) ? dayOf(new Date()) : `${text}T${clock}`;
}
