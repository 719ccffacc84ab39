import { Injectable, signal } from '@angular/core';

/** A record the person looked at. */
export interface Visit {
  readonly record: string;
  readonly id: string;
  readonly label: string;
}

const [KEY, MOST] = ['cf.recent', 12];

/** Records looked at last, kept in this browser for as long as the person is signed in. */
@Injectable({ providedIn: 'root' })
export class Recent {
  private readonly visits = signal<readonly Visit[]>(read());
  readonly all = this.visits.asReadonly();

  add(visit: Visit): void {
    this.keep((all) => [visit, ...all.filter(({ id }) => id !== visit.id)].slice(0, MOST));
  }
  remove(id: string): void {
    this.keep((all) => all.filter((visit) => visit.id !== id));
  }
  clear(): void {
    this.visits.set([]);
    sessionStorage.removeItem(KEY);
  }

  private keep(change: (all: readonly Visit[]) => readonly Visit[]): void {
    this.visits.update(change);
    sessionStorage.setItem(KEY, JSON.stringify(this.visits()));
  }
}

function read(): readonly Visit[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Visit[];
  } catch {
    return [];
  }
}
