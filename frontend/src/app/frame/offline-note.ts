import { Component, DestroyRef, computed, effect, inject, signal } from '@angular/core';
import { Api } from '../../data/api';
import { Graphql } from '../../data/graphql';
import { Live } from '../../data/live';
import { Icon } from '../../ui/icon';

/** How often a server out of reach, or lists that are behind, are asked again, in milliseconds. */
const ROUND = 3_000;

/** Says that the server is out of reach, silent or behind, and goes when it is over. */
@Component({
  selector: 'cf-offline-note',
  imports: [Icon],
  template: `
    <div role="status">
      @if (api.offline()) {
        <p>
          <cf-icon name="offline" [size]="14" />
          <span>
            No connection to the server. What you see may be old; nothing can be saved until it is
            back.
          </span>
        </p>
      } @else if (live.isAway()) {
        <p>
          <cf-icon name="offline" [size]="14" />
          <span>
            Changes of others do not arrive at the moment. They show up here as soon as the
            connection is back.
          </span>
        </p>
      } @else if (graphql.behind()) {
        <p>
          <cf-icon name="clock" [size]="14" />
          <span>
            The lists are <b class="number" aria-live="off">{{ seconds() }} s</b> behind. What you
            saved is safe and shows up here as soon as they are through.
          </span>
        </p>
      }
    </div>
  `,
  styles: `
    p {
      display: flex;
      align-items: center;
      justify-content: center;
      gap: 8px;
      padding: 6px 16px;
      background: var(--cf-warn-soft);
      color: var(--cf-warn);
    }
    cf-icon {
      flex: none;
    }
  `,
})
export class OfflineNote {
  protected readonly api = inject(Api);
  protected readonly graphql = inject(Graphql);
  protected readonly live = inject(Live);
  private readonly now = signal(Date.now());
  protected readonly seconds = computed(() =>
    Math.max(1, Math.round((this.now() - (this.graphql.behind()?.since ?? this.now())) / 1000)),
  );

  constructor() {
    const back = () => void this.askAgain();
    globalThis.addEventListener('online', back);
    inject(DestroyRef).onDestroy(() => globalThis.removeEventListener('online', back));
    effect((done) => {
      if (!this.api.offline() && !this.graphql.behind()) return;
      const clock = setInterval(() => this.now.set(Date.now()), 1_000);
      const rounds = setInterval(back, ROUND);
      done(() => {
        clearInterval(clock);
        clearInterval(rounds);
      });
    });
  }

  private async askAgain(): Promise<void> {
    if (!this.api.offline()) return this.graphql.catchUp();
    if (await this.api.isBack()) this.graphql.refresh();
  }
}
