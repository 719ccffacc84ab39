import { Component, input, output } from '@angular/core';
import { Icon } from './icon';
import type { IconName } from './icons';

/** What a page shows instead of data: empty, filtered away, failed, not allowed. */
@Component({
  selector: 'cf-state',
  imports: [Icon],
  template: `
    <span class="mark"><cf-icon [name]="icon()" [size]="22" /></span>
    <h2>{{ title() }}</h2>
    @if (text()) {
      <p>{{ text() }}</p>
    }
    <div class="actions">
      @if (action()) {
        <button type="button" class="button" [class.primary]="primary()" (click)="act.emit()">
          {{ action() }}
        </button>
      }
      <ng-content />
    </div>
    @if (requestId()) {
      <p class="request">Request {{ requestId() }}</p>
    }
  `,
  host: { '[attr.role]': 'icon() === "warn" ? "alert" : null' },
  styles: `
    :host {
      display: grid;
      justify-items: center;
      align-content: center;
      gap: 8px;
      min-height: 260px;
      padding: 32px 24px;
      text-align: center;
    }
    .mark {
      display: grid;
      place-items: center;
      width: 44px;
      height: 44px;
      margin-bottom: 4px;
      border-radius: 12px;
      background: var(--cf-sunken);
      color: var(--cf-text-soft);
    }
    p {
      max-width: 44ch;
      color: var(--cf-text-soft);
    }
    .actions {
      display: flex;
      gap: 8px;
      margin-top: 8px;
    }
    .actions:empty {
      display: none;
    }
    .request {
      font-size: 0.6875rem;
      color: var(--cf-text-faint);
      user-select: all;
    }
  `,
})
export class State {
  readonly icon = input<IconName>('search');
  readonly title = input.required<string>();
  readonly text = input<string>();
  readonly action = input<string>();
  readonly primary = input(false);
  readonly requestId = input<string>();
  readonly act = output();
}
