import {
  Component,
  ElementRef,
  computed,
  effect,
  inject,
  linkedSignal,
  signal,
  viewChild,
} from '@angular/core';
import { MatDialogRef } from '@angular/material/dialog';
import { Router } from '@angular/router';
import { Icon } from '../../ui/icon';
import type { IconName } from '../../ui/icons';
import { Records } from '../records/records';
import { linkTo, recordTypes, typeOfRecord } from '../records/registry';
import { Session } from '../session/session';
import { Commands } from './commands';
import { fuzzy } from './fuzzy';
import { keyCaps } from './keys';
import { Recent } from './recent';

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly icon: IconName;
  readonly note?: string;
  readonly caps?: readonly string[];
  readonly run: () => void;
}

const searched = ['contacts', 'companies', 'deals', 'tasks', 'products'];

/** Every page, every command and every record, by a few letters. */
@Component({
  selector: 'cf-palette',
  imports: [Icon],
  templateUrl: './palette.html',
  styleUrl: './palette.scss',
})
export class Palette {
  private readonly commands = inject(Commands);
  private readonly records = inject(Records);
  private readonly recent = inject(Recent);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly ref = inject(MatDialogRef);
  private readonly list = viewChild.required<ElementRef<HTMLElement>>('list');
  protected readonly text = signal('');
  protected readonly isSearching = signal(false);
  private readonly found = signal<readonly Entry[]>([]);
  private readonly able = this.commands.available().filter(({ silent }) => !silent);

  protected readonly entries = computed<readonly Entry[]>(() => {
    const text = this.text().trim();
    const commands = this.able
      .map((command) => ({
        command,
        score: fuzzy(text, `${command.title} ${command.words ?? ''}`),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, text ? 8 : 40)
      .map(({ command }): Entry => {
        const { title, group, icon, keys } = command;
        const run = () => command.run();
        const caps = keys ? { caps: keyCaps(keys) } : {};
        return { id: `c-${title}`, title, group, icon: icon ?? 'right', run, ...caps };
      });
    const visits = this.recent
      .all()
      .filter(({ label }) => fuzzy(text, label) > 0)
      .slice(0, text ? 3 : 5)
      .map((visit) => this.entryOf(visit.record, visit.id, visit.label, 'Recent'));
    const fresh = this.found().filter(({ id }) => !visits.some((one) => one.id === id));
    return text ? [...visits, ...fresh, ...commands] : [...visits, ...commands];
  });
  protected readonly groups = computed(() => {
    const numbered = this.entries().map((entry, index) => ({ ...entry, index }));
    return [...Map.groupBy(numbered, ({ group }) => group)].map(([title, entries]) => ({
      title,
      entries,
    }));
  });
  protected readonly active = linkedSignal({ source: this.text, computation: () => 0 });

  constructor() {
    effect((done) => {
      const text = this.text().trim();
      const abort = new AbortController();
      const timer = setTimeout(() => void this.search(text, abort.signal), 100);
      done(() => {
        clearTimeout(timer);
        abort.abort();
      });
    });
  }

  protected press(event: KeyboardEvent): void {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const ordered = this.groups().flatMap(({ entries }) => entries);
    if (move && ordered.length > 0) {
      const at = ordered.findIndex(({ index }) => index === this.active());
      const next = ordered[(at + move + ordered.length) % ordered.length]!;
      this.active.set(next.index);
      queueMicrotask(() => this.reveal());
    } else if (event.key === 'Enter') {
      const entry = ordered.find(({ index }) => index === this.active());
      if (entry) this.run(entry);
    } else {
      return;
    }
    event.preventDefault();
  }

  protected run(entry: Entry): void {
    this.ref.close();
    entry.run();
  }

  private reveal(): void {
    const element = this.list().nativeElement.querySelector(`#entry-${this.active()}`);
    element?.scrollIntoView?.({ block: 'nearest' });
  }

  private entryOf(record: string, id: string, title: string, group: string): Entry {
    const type = typeOfRecord(record);
    const run = () => void this.router.navigate(linkTo(record, id) ?? ['/']);
    return { id, title, group, icon: type?.icon ?? 'link', note: type?.one ?? '', run };
  }

  private async search(text: string, signal: AbortSignal): Promise<void> {
    if (text.length < 2) return this.found.set([]);
    const types = recordTypes.filter(
      ({ collection }) => searched.includes(collection) && this.session.may(`${collection}:read`),
    );
    this.isSearching.set(true);
    const pages = await Promise.all(
      types.map(async (type) => {
        try {
          const page = await this.records.page(type, [], { first: 4, search: text }, signal);
          return page.rows.map(({ id, label }) => this.entryOf(type.record, id, label, 'Records'));
        } catch {
          return [];
        }
      }),
    );
    if (signal.aborted) return;
    const score = ({ title }: Entry) => fuzzy(text, title);
    this.found.set(
      pages
        .flat()
        .sort((a, b) => score(b) - score(a))
        .slice(0, 10),
    );
    this.isSearching.set(false);
  }
}
