import { DestroyRef, Injectable, computed, inject, signal } from '@angular/core';
import type { IconName } from '../../ui/icons';

/** Something a person may do: in the command palette, by keys, and on the sheet of keys. */
export interface Command {
  readonly title: string;
  /** `g d` for one after the other, `mod+k` for together, `?` as it is typed. */
  readonly keys?: string;
  readonly icon?: IconName;
  readonly group: 'Go to' | 'Create' | 'This page' | 'Record' | 'List' | 'View' | 'Session';
  /** Words that find it besides its title. */
  readonly words?: string;
  /** Only by keys: it needs no entry in the palette. */
  readonly silent?: boolean;
  /** Also works while a dialog or an input has the focus. */
  readonly always?: boolean;
  readonly when?: () => boolean;
  readonly run: (event?: KeyboardEvent) => void;
}

/** Every command that can be run right now. Pages add theirs and take them away when they go. */
@Injectable({ providedIn: 'root' })
export class Commands {
  private readonly sets = signal<readonly (readonly Command[])[]>([]);
  /** The newest first, so that a page comes before the frame. */
  readonly all = computed(() => [...this.sets()].reverse().flat());

  add(commands: readonly Command[]): () => void {
    this.sets.update((sets) => [...sets, commands]);
    return () => this.sets.update((sets) => sets.filter((one) => one !== commands));
  }

  available(): readonly Command[] {
    return this.all().filter(({ when }) => when?.() ?? true);
  }
}

/** Adds commands for as long as the component lives. */
export function provideKeys(commands: readonly Command[]): void {
  inject(DestroyRef).onDestroy(inject(Commands).add(commands));
}
