import { Component, computed, inject, input, output, signal } from '@angular/core';
import { apiError } from '../../../data/api';
import { Actions } from '../actions';
import type { Field, RecordRow } from '../record-type';
import { Records, type Answer, type Refused } from '../records';
import { typeOf } from '../registry';
import { FormField } from './form-field';
import { inputOf, type LineItem } from './line-item';

const fields: readonly Field[] = [
  { name: 'productId', label: 'Product', kind: 'record', target: 'products' },
  { name: 'description', label: 'Description', kind: 'text' },
  { name: 'quantity', label: 'Quantity', kind: 'number' },
  { name: 'unitPrice', label: 'Price of one', kind: 'money' },
  { name: 'discountPercent', label: 'Discount in %', kind: 'percent' },
];

/** Adds a line to a deal or changes one; a product brings its name and price along. */
@Component({
  selector: 'cf-line-form',
  imports: [FormField],
  template: `
    <form novalidate (submit)="$event.preventDefault(); keep()">
      @for (field of fields; track field.name) {
        <cf-form-field
          [class.wide]="field.name === 'productId' || field.name === 'description'"
          [field]="field"
          [row]="row()"
          [autofocus]="field.name === 'description'"
          [problem]="problemOf(field.name)"
          (changed)="set($event)"
        />
      }
      <p class="hint wide">A product brings its name and price where you leave them empty.</p>
      @if (problem(); as text) {
        <p class="notice danger wide" role="alert">{{ text }}</p>
      }
      <div class="foot wide">
        <button type="button" class="button small" (click)="closed.emit()">Cancel</button>
        <button class="button primary small" [disabled]="isBusy()">
          {{ line() ? 'Save line' : 'Add line' }}
        </button>
      </div>
    </form>
  `,
  styles: `
    form {
      display: grid;
      grid-template-columns: repeat(6, minmax(0, 1fr));
      gap: 10px;
      align-items: start;
      padding: 12px;
      border: 1px solid var(--cf-line);
      border-radius: var(--cf-radius);
    }
    cf-form-field {
      grid-column: span 2;
    }
    .wide {
      grid-column: span 3;
    }
    .hint {
      color: var(--cf-text-faint);
      font-size: 0.75rem;
    }
    p.wide,
    .foot {
      grid-column: 1 / -1;
    }
    .foot {
      display: flex;
      justify-content: flex-end;
      gap: 8px;
    }
    @media (max-width: 720px) {
      cf-form-field,
      .wide {
        grid-column: 1 / -1;
      }
    }
  `,
})
export class LineForm {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  readonly deal = input.required<RecordRow>();
  readonly line = input<LineItem>();
  readonly closed = output();

  protected readonly fields = fields;
  private readonly values = signal<Readonly<Record<string, unknown>>>({});
  protected readonly row = computed<RecordRow>(() => {
    const start = this.line() ?? { quantity: 1 };
    return { ...start, id: '', label: '', revision: 0, ...this.values() };
  });
  protected readonly isBusy = signal(false);
  protected readonly problem = signal<string | undefined>(undefined);
  private readonly refused = signal<Refused | undefined>(undefined);

  protected set(change: Readonly<Record<string, unknown>>): void {
    this.refused.set(undefined);
    this.values.update((values) => ({ ...values, ...change }));
  }
  protected problemOf(name: string): string | undefined {
    return this.refused()?.details.find(({ field }) => field === name)?.message;
  }

  protected async keep(): Promise<void> {
    if (this.isBusy()) return;
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
    const [deals, { id }, line] = [typeOf('deals'), this.deal(), this.line()];
    const input = inputOf(this.row());
    const run = (command: string, given: object) => this.records.run(deals, command, id, given);
    if (line) {
      const answer = await run('changeLineItem', {
        lineId: line.lineId,
        ...this.cleared(),
        ...input,
      });
      const undo = () => run('changeLineItem', { lineId: line.lineId, ...inputOf(line) });
      if (answer.accepted) await this.actions.tell(Promise.resolve(answer), 'Line changed.', undo);
      return answer;
    }
    const answer = await run('addLineItem', input);
    if (!answer.accepted) return answer;
    const lines = answer.record?.['lineItems'] as readonly LineItem[] | undefined;
    const added = lines?.at(-1);
    const undo = added && (() => run('removeLineItem', { lineId: added.lineId }));
    await this.actions.tell(Promise.resolve(answer), 'Line added.', undo);
    return answer;
  }

  /** A product that was taken away is said so; everything else left empty stays as it is. */
  private cleared(): object {
    return this.values()['productId'] === null ? { productId: null } : {};
  }
}
