import { Injectable, inject, signal } from '@angular/core';
import { Session } from '../../session/session';
import { fieldOf, type RecordType } from '../record-type';

/** Columns a person chose for a list and their widths; each person has their own in a browser. */
@Injectable({ providedIn: 'root' })
export class ColumnChoice {
  private readonly session = inject(Session);
  private readonly version = signal(0);

  /** What the list shows unless its address says otherwise. */
  columns(type: RecordType): readonly string[] {
    this.version();
    const stored = this.read<readonly string[]>('columns', type) ?? [];
    const known = Array.isArray(stored) ? stored.filter((name) => fieldOf(type, name)) : [];
    return known.length > 0 ? known : type.columns;
  }
  keepColumns(type: RecordType, columns: readonly string[]): void {
    this.write('columns', type, columns.join() === type.columns.join() ? undefined : columns);
  }

  /** Widths in pixels by field, as far as they were changed. */
  widths(type: RecordType): Readonly<Record<string, number>> {
    this.version();
    return this.read<Record<string, number>>('widths', type) ?? {};
  }
  keepWidths(type: RecordType, widths: Readonly<Record<string, number>>): void {
    this.write('widths', type, Object.keys(widths).length > 0 ? widths : undefined);
  }

  private key(what: string, { collection }: RecordType): string {
    return `cf.${what}.${this.session.identity()?.user.id ?? ''}.${collection}`;
  }
  private read<Value>(what: string, type: RecordType): Value | undefined {
    try {
      return JSON.parse(localStorage.getItem(this.key(what, type)) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }
  private write(what: string, type: RecordType, value: unknown): void {
    if (value === undefined) localStorage.removeItem(this.key(what, type));
    else localStorage.setItem(this.key(what, type), JSON.stringify(value));
    this.version.update((version) => version + 1);
  }
}
