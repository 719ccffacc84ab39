import { Component, computed, inject } from '@angular/core';
import { dayOf } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Compare } from './compare';

/** Says which two instants a page compares, and changes the earlier one. */
@Component({
  selector: 'cf-compare-bar',
  imports: [Icon],
  template: `
    <p>
      Compared: <b>{{ compare.thenText() }}</b> with <b>{{ compare.shownText() }}</b>
    </p>
    <label>
      <span>Compare with</span>
      <input
        #day
        class="input"
        type="date"
        [max]="today"
        [value]="day10()"
        (change)="day.value && compare.start(day.value)"
      />
    </label>
    <button type="button" class="button small" (click)="compare.start(null)">
      <cf-icon name="close" [size]="14" /> Stop comparing
    </button>
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px 12px;
      padding: 8px 12px;
      border: 1px solid var(--cf-past-line);
      border-radius: var(--cf-radius);
      background: var(--cf-past-soft);
      color: var(--cf-past);
    }
    label {
      display: flex;
      align-items: center;
      gap: 8px;
      margin-left: auto;
    }
    .input {
      width: auto;
      min-height: 28px;
      padding-block: 2px;
    }
  `,
})
export class CompareBar {
  protected readonly compare = inject(Compare);
  protected readonly today = dayOf(new Date());
  protected readonly day10 = computed(() => this.compare.with()?.slice(0, 10) ?? '');
}
