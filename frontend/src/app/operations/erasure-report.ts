import { Component, computed, input } from '@angular/core';
import { numberText } from '../../ui/format';
import type { ErasureResult } from './job';

/** What an erasure reached, and what remains with what to do about it. */
@Component({
  selector: 'cf-erasure-report',
  template: `
    <section>
      <h3>Erased</h3>
      <ul>
        @for (one of reached(); track one.place) {
          <li>
            <span>{{ one.place }}</span>
            <span class="number">{{ count(one.count) }}</span>
          </li>
        } @empty {
          <li>Nothing was left to erase.</li>
        }
      </ul>
    </section>
    <section>
      <h3>Remains</h3>
      <ul>
        @for (one of result().remains; track one.place) {
          <li>
            <span
              >{{ one.place }}<small>{{ one.remedy }}</small></span
            >
            @if (one.count !== undefined) {
              <span class="number">{{ count(one.count) }}</span>
            }
          </li>
        } @empty {
          <li>Nothing that is known.</li>
        }
      </ul>
    </section>
  `,
  styles: `
    :host {
      display: grid;
      gap: 16px;
    }
    h3 {
      margin-bottom: 4px;
      font-size: 0.8125rem;
    }
    li {
      display: flex;
      justify-content: space-between;
      gap: 12px;
      padding: 6px 0;
      border-top: 1px solid var(--cf-line);
      overflow-wrap: anywhere;
    }
    small {
      display: block;
      color: var(--cf-text-soft);
    }
  `,
})
export class ErasureReport {
  readonly result = input.required<ErasureResult>();
  protected readonly reached = computed(() => this.result().reached.filter(({ count }) => count));
  protected readonly count = numberText;
}
