import { Component, computed, inject, input, output, signal, type OnInit } from '@angular/core';
import { apiError } from '../../../data/api';
import { Actions, fieldsOf } from '../actions';
import type { RecordRow, RecordType } from '../record-type';
import { Records, type Answer, type Refused } from '../records';
import { activity } from '../types/activity';
import { FormField } from './form-field';

/** Fields that say nothing about a kind of activity. */
const without: Readonly<Record<string, readonly string[]>> = {
  meeting: ['direction'],
  email: ['durationMinutes', 'outcome'],
};

/** Logs a call, a meeting or an e-mail about a record, or mends one that was logged. */
@Component({
  selector: 'cf-activity-form',
  imports: [FormField],
  template: `
    <form novalidate (submit)="$event.preventDefault(); keep()">
      @for (field of fields(); track field.name) {
        <cf-form-field
          [class.wide]="field.name === 'subject' || field.kind === 'paragraph'"
          [field]="field"
          [row]="row()"
          [autofocus]="field.name === 'subject'"
          [problem]="problemOf(field.name)"
          (changed)="set($event)"
        />
      }
      @if (problem(); as text) {
        <p class="notice danger wide" role="alert">{{ text }}</p>
      }
      <div class="foot wide">
        <button type="button" class="button small" (click)="closed.emit()">Cancel</button>
        <button class="button primary small" [disabled]="isBusy()">{{ verb() }}</button>
      </div>
    </form>
  `,
  styles: `
    form {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(200px, 1fr));
      gap: 10px;
      align-items: start;
      padding: 12px;
      border: 1px solid var(--cf-line);
      border-radius: var(--cf-radius);
    }
    .wide {
      grid-column: 1 / -1;
    }
    .foot {
      display: flex;
      justify-content: flex-end;
      gap: 8px;
    }
  `,
})
export class ActivityForm implements OnInit {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  /** The record it is about. */
  readonly type = input<RecordType>();
  readonly about = input<string>();
  /** `call`, `meeting` or `email`, for a new one. */
  readonly kind = input('call');
  readonly existing = input<RecordRow>();
  readonly closed = output();

  private readonly values = signal<Readonly<Record<string, unknown>>>({});
  protected readonly row = computed<RecordRow>(() => {
    return { id: '', label: '', revision: 0, ...this.existing(), ...this.values() };
  });
  private readonly is = computed(() => String(this.existing()?.['activityType'] ?? this.kind()));
  protected readonly fields = computed(() =>
    fieldsOf(activity, activity.create).filter(({ name }) => !without[this.is()]?.includes(name)),
  );
  protected readonly verb = computed(() => (this.existing() ? 'Save' : `Log ${said(this.is())}`));
  protected readonly isBusy = signal(false);
  protected readonly problem = signal<string | undefined>(undefined);
  private readonly refused = signal<Refused | undefined>(undefined);
  private readonly isTried = signal(false);

  ngOnInit(): void {
    if (this.existing()) return;
    const direction = this.is() === 'meeting' ? {} : { direction: 'outbound' };
    this.values.set({ happenedAt: new Date().toISOString(), ...direction });
  }

  protected set(change: Readonly<Record<string, unknown>>): void {
    this.refused.set(undefined);
    this.values.update((values) => ({ ...values, ...change }));
  }
  protected problemOf(name: string): string | undefined {
    const refused = this.refused()?.details.find(({ field }) => field === name);
    if (refused) return refused.message;
    const isMissing = name === 'subject' && !String(this.row()['subject'] ?? '').trim();
    return this.isTried() && isMissing ? 'Subject is needed.' : undefined;
  }

  protected async keep(): Promise<void> {
    this.isTried.set(true);
    if (this.isBusy() || this.problemOf('subject')) return;
    this.isBusy.set(true);
    this.problem.set(undefined);
    try {
      const answer = await this.send();
      if (answer.accepted) return this.closed.emit();
      this.refused.set(answer);
      this.problem.set(answer.message);
    } catch (error) {
      this.problem.set(`${apiError(error).message} Nothing was saved.`);
    } finally {
      this.isBusy.set(false);
    }
  }

  private async send(): Promise<Answer> {
    const existing = this.existing();
    const given = Object.entries(this.values()).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.trim() || null : value,
    ]);
    if (existing) {
      const before = Object.fromEntries(given.map(([name]) => [name, existing[String(name)]]));
      const work = this.records.change(activity, existing.id, Object.fromEntries(given));
      const undo = () => this.records.change(activity, existing.id, before);
      return this.told(work, `${existing.label} changed.`, undo);
    }
    const present = given.filter(([, value]) => value !== null && value !== undefined);
    const about = { relatedToType: this.type()!.record, relatedToId: this.about()! };
    const input = { activityType: this.is(), ...Object.fromEntries(present), ...about };
    const work = this.records.run(activity, 'logActivity', undefined, input);
    const undo = async () => {
      const answer = await work;
      return answer.accepted ? this.records.delete(activity, answer.id) : answer;
    };
    const kind = said(this.is());
    return this.told(work, `${kind[0]!.toUpperCase() + kind.slice(1)} logged.`, undo);
  }

  /** Only what was accepted is told; a refusal is shown in the form. */
  private async told(work: Promise<Answer>, text: string, undo: () => Promise<Answer>) {
    const answer = await work;
    if (answer.accepted) await this.actions.tell(Promise.resolve(answer), text, undo);
    return answer;
  }
}

function said(kind: string): string {
  return kind === 'email' ? 'e-mail' : kind === 'other' ? 'activity' : kind;
}
