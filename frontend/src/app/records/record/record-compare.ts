import { Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { apiError, type ApiError } from '../../../data/api';
import type { RecordType as RecordName } from '../../../data/generated/graphql';
import { Bones } from '../../../ui/bones';
import { Chip } from '../../../ui/chip';
import { Icon } from '../../../ui/icon';
import { Compare } from '../../frame/compare';
import { CompareBar } from '../../frame/compare-bar';
import { Time } from '../../frame/time';
import { TimelineList } from '../../timeline/timeline-list';
import { TimelineStore } from '../../timeline/timeline-store';
import { fieldsOf } from '../actions';
import type { Field, RecordRow, RecordType } from '../record-type';
import { Records } from '../records';
import { same } from '../same';
import { Value } from '../value';
import { RecordStore } from './record-store';

/** A record at two instants side by side, what differs marked, and what happened in between. */
@Component({
  selector: 'cf-record-compare',
  imports: [Bones, Chip, CompareBar, Icon, TimelineList, Value],
  providers: [TimelineStore],
  templateUrl: './record-compare.html',
  styleUrl: './record-compare.scss',
})
export class RecordCompare {
  private readonly records = inject(Records);
  private readonly timeline = inject(TimelineStore);
  protected readonly store = inject(RecordStore);
  protected readonly compare = inject(Compare);
  protected readonly time = inject(Time);
  readonly type = input.required<RecordType>();
  readonly row = input.required<RecordRow>();

  /** Null where the record did not exist then. */
  protected readonly then = signal<RecordRow | null | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly onlyDifferences = signal(false);
  protected readonly sections = computed(() => {
    const type = this.type();
    const all = type.sections.map(({ title, fields }) => ({
      title,
      fields: fieldsOf(type, fields).filter((one) => !this.onlyDifferences() || this.differs(one)),
    }));
    return all.filter(({ fields }) => fields.length > 0);
  });
  protected readonly count = computed(() => {
    const shown = new Set(this.type().sections.flatMap(({ fields }) => fields));
    return fieldsOf(this.type(), [...shown]).filter((field) => this.differs(field)).length;
  });

  constructor() {
    effect((done) => {
      const [type, { id }, instant] = [this.type(), this.row(), this.compare.with()];
      const abort = new AbortController();
      untracked(() => void this.read(type, id, instant, abort.signal));
      done(() => abort.abort());
    });
    effect(() => {
      const { id, revision: _changes } = this.row();
      const recordType = this.type().record as RecordName;
      const from = endOf(this.compare.with());
      const filter = { recordType, recordId: id, includeRelated: true, ...(from ? { from } : {}) };
      this.time.asOf();
      untracked(() => void this.timeline.show(filter));
    });
  }

  protected differs(field: Field): boolean {
    const then = this.then();
    return then !== undefined && !same(then?.[field.name], this.row()[field.name]);
  }
  protected canRestore(field: Field): boolean {
    const then = this.then();
    return Boolean(then) && this.store.canRestore(field, then![field.name]);
  }
  protected restore(field: Field): void {
    void this.store.restoreValue(field, this.then()![field.name]);
  }

  private async read(
    type: RecordType,
    id: string,
    asOf: string | null,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const then = await this.records.one(type, id, { signal, asOf });
      this.then.set(then);
      this.error.set(undefined);
    } catch (error) {
      if (!signal.aborted) this.error.set(apiError(error));
    }
  }
}

/** Where "since" starts: a day stands for its end, an instant for itself. */
function endOf(instant: string | null): string | undefined {
  if (instant?.length !== 10) return instant ?? undefined;
  const next = new Date(Date.parse(instant) + 86_400_000);
  return next.toISOString().slice(0, 10);
}
