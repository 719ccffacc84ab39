import { Component, computed, inject, input, linkedSignal } from '@angular/core';
import { typeOf } from '../records/registry';
import { keyOf, Roles, type FieldLimit, type Role } from './roles';

const levels = [
  { value: 'open', label: 'Open' },
  { value: 'readOnly', label: 'Read-only' },
  { value: 'hidden', label: 'Hidden' },
] as const;
type Level = (typeof levels)[number]['value'];

/** Owners and administrators could lift every limit, so they have none. */
const UNLIMITED = ['owner', 'admin'];

/** What a role sees and changes of the fields of a kind of record. */
@Component({
  selector: 'cf-field-rights',
  templateUrl: './field-rights.html',
  styleUrl: './field-rights.scss',
})
export class FieldRights {
  protected readonly roles = inject(Roles);
  readonly role = input.required<Role>();
  readonly mayChange = input(false);
  protected readonly collection = linkedSignal(() => this.roles.fields()[0]?.collection ?? '');
  protected readonly isUnlimited = computed(
    () => this.role().id === null && UNLIMITED.includes(this.role().name),
  );
  protected readonly collections = computed(() =>
    this.roles.fields().map(({ collection }) => ({
      collection,
      title: typeFor(collection)?.many ?? collection,
    })),
  );
  private readonly limit = computed<FieldLimit>(() =>
    this.roles.limitOf(keyOf(this.role()), this.collection()),
  );
  protected readonly rows = computed(() => {
    const known = this.roles.fields().find(({ collection }) => collection === this.collection());
    const { hidden, readOnly } = this.limit();
    return (known?.lockable ?? []).map((name) => {
      const level: Level = hidden.includes(name)
        ? 'hidden'
        : readOnly.includes(name)
          ? 'readOnly'
          : 'open';
      const offered = levels.filter(
        ({ value }) => value !== 'hidden' || known!.hideable.includes(name),
      );
      const label = typeFor(this.collection())?.fields.find((one) => one.name === name)?.label;
      const shown = levels.find(({ value }) => value === level)!.label;
      return { name, label: label ?? name, level, shown, offered };
    });
  });

  protected choose(name: string, label: string, level: string): void {
    const before = this.limit();
    const without = (names: readonly string[]) => names.filter((one) => one !== name);
    const limit: FieldLimit = {
      ...before,
      hidden: [...without(before.hidden), ...(level === 'hidden' ? [name] : [])],
      readOnly: [...without(before.readOnly), ...(level === 'readOnly' ? [name] : [])],
    };
    const done = levels.find(({ value }) => value === level)!.label.toLowerCase();
    void this.roles.limit(limit, `${label}: ${done} for ${this.role().name}.`);
  }
}

function typeFor(collection: string) {
  try {
    return typeOf(collection as Parameters<typeof typeOf>[0]);
  } catch {
    return undefined;
  }
}
