import { Component, computed, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Chip } from '../../ui/chip';
import { Icon } from '../../ui/icon';
import { checksOf, HealthReader, type Health } from './health';
import { refreshQuietly } from './refresh';

/** The checks of the server, each with what it means for people. */
@Component({
  selector: 'cf-health-panel',
  imports: [Chip, Icon],
  template: `
    <h2 class="hidden-text" id="health-title">Health</h2>
    @if (checks(); as all) {
      <ul aria-labelledby="health-title">
        @for (check of all; track check.title) {
          <li class="card">
            <div class="top">
              <h3>{{ check.title }}</h3>
              <cf-chip [tone]="check.tone">{{ check.label }}</cf-chip>
            </div>
            <p class="value number">{{ check.value }}</p>
            <p class="text">{{ check.text }}</p>
          </li>
        }
      </ul>
    } @else if (error(); as problem) {
      <div class="notice danger" role="alert">
        <cf-icon name="warn" [size]="16" /> The health of the server is unknown.
        {{ problem.message }}
      </div>
    } @else {
      <ul class="after-a-moment" aria-busy="true">
        @for (one of [1, 2, 3]; track one) {
          <li class="card">
            <span class="bone" style="width: 40%"></span>
            <span class="bone" style="width: 60%; height: 16px"></span>
            <span class="bone" style="width: 85%"></span>
          </li>
        }
      </ul>
    }
  `,
  styles: `
    ul {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(240px, 1fr));
      gap: 12px;
    }
    li {
      display: grid;
      align-content: start;
      gap: 4px;
      min-height: 108px;
      padding: 12px 16px;
    }
    .top {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 8px;
    }
    h3 {
      color: var(--cf-text-soft);
      font-size: 0.75rem;
      font-weight: 500;
    }
    .value {
      font-size: 1.125rem;
      font-weight: 600;
      letter-spacing: -0.01em;
    }
    .text {
      color: var(--cf-text-soft);
    }
  `,
})
export class HealthPanel {
  private readonly reader = inject(HealthReader);
  private readonly health = signal<Health | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly checks = computed(() => {
    const health = this.health();
    return health && checksOf(health);
  });

  constructor() {
    const refresh = async () => {
      try {
        this.health.set(await this.reader.read());
        this.error.set(undefined);
      } catch (error) {
        this.health.set(undefined);
        this.error.set(apiError(error));
      }
    };
    void refresh();
    refreshQuietly(refresh, () => 5);
  }
}
