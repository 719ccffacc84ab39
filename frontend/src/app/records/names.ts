import { Injectable, inject, signal, type WritableSignal } from '@angular/core';
import type { Collection } from './record-type';
import { Lookup } from './lookup';

/** Names of records that are only known by id; those asked for at once are read at once. */
@Injectable({ providedIn: 'root' })
export class Names {
  private readonly lookup = inject(Lookup);
  private readonly known = new Map<string, WritableSignal<string | undefined>>();
  private readonly wanted = new Map<Collection, Set<string>>();

  /** The name once it is known; undefined until then and where it may not be seen. */
  of(collection: Collection, id: string): string | undefined {
    const key = `${collection}/${id}`;
    const name = this.known.get(key);
    if (name) return name();
    const fresh = signal<string | undefined>(undefined);
    this.known.set(key, fresh);
    this.ask(collection, id);
    return fresh();
  }

  private ask(collection: Collection, id: string): void {
    const ids = this.wanted.get(collection) ?? new Set();
    if (ids.size === 0) queueMicrotask(() => void this.read(collection));
    this.wanted.set(collection, ids.add(id));
  }

  private async read(collection: Collection): Promise<void> {
    const ids = [...(this.wanted.get(collection) ?? [])];
    this.wanted.delete(collection);
    for (let at = 0; at < ids.length; at += 100) {
      const names = await this.lookup.names(collection, ids.slice(at, at + 100));
      for (const [id, name] of Object.entries(names)) {
        this.known.get(`${collection}/${id}`)?.set(name);
      }
    }
  }
}
