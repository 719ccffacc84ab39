import { Component, inject } from '@angular/core';
import { Api } from '../../data/api';
import { Icon } from '../../ui/icon';

/** Says that the server is out of reach, for as long as it is. */
@Component({
  selector: 'cf-offline-note',
  imports: [Icon],
  template: `
    <div role="status">
      @if (api.offline()) {
        <p>
          <cf-icon name="offline" [size]="14" /> No connection to the server. What you see may be
          old; nothing can be saved until it is back.
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
  `,
})
export class OfflineNote {
  protected readonly api = inject(Api);
}
