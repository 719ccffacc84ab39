import { Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { moneyText, numberText } from '../../../ui/format';
import { Icon } from '../../../ui/icon';
import { Time } from '../../frame/time';
import { Session } from '../../session/session';
import { Actions } from '../actions';
import type { RecordRow } from '../record-type';
import { Records } from '../records';
import { typeOf } from '../registry';
import { LineForm } from './line-form';
import { inputOf, sumOf, type LineItem } from './line-item';

/** What a deal is made of: products or other things, how many and at which price. */
@Component({
  selector: 'cf-line-items',
  imports: [Icon, LineForm, RouterLink],
  templateUrl: './line-items.html',
  styleUrl: './line-items.scss',
})
export class LineItems {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  protected readonly time = inject(Time);
  readonly row = input.required<RecordRow>();

  protected readonly lines = computed(() => (this.row()['lineItems'] ?? []) as readonly LineItem[]);
  protected readonly sum = computed(() => moneyText(sumOf(this.lines())));
  /** Id of the line that is open in the form; `new` for one more. */
  protected readonly editing = signal<string | undefined>(undefined);
  protected readonly mayChange = computed(() => {
    const row = this.row();
    const isAlive = !row['archivedAt'] && !row['deletedAt'];
    const owner = row['ownerId'] as string | null;
    const isOpen = row['status'] === 'open';
    return !this.time.isPast() && isOpen && isAlive && this.session.mayChange('deals', owner);
  });
  protected readonly money = moneyText;
  protected readonly number = numberText;

  protected remove(line: LineItem): void {
    const [deals, { id }] = [typeOf('deals'), this.row()];
    const work = this.records.run(deals, 'removeLineItem', id, { lineId: line.lineId });
    const undo = () => this.records.run(deals, 'addLineItem', id, inputOf(line));
    void this.actions.tell(work, `${line.description} removed.`, undo);
  }
}
