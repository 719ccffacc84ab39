import { Component, inject, input } from '@angular/core';
import { Icon } from '../../ui/icon';
import { Toasts } from '../../ui/toasts';

/** Recovery codes, the one time they are shown: to copy, or to keep as a file. */
@Component({
  selector: 'cf-recovery-codes',
  imports: [Icon],
  template: `
    <ul class="codes" aria-label="Recovery codes">
      @for (one of codes(); track one) {
        <li>
          <code>{{ one }}</code>
        </li>
      }
    </ul>
    <div class="acts">
      <button type="button" class="button" (click)="copy()">
        <cf-icon name="note" [size]="14" /> Copy
      </button>
      <button type="button" class="button" (click)="save()">
        <cf-icon name="download" [size]="14" /> Download
      </button>
    </div>
  `,
  styles: `
    :host {
      display: grid;
      gap: 12px;
    }
    .codes {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(120px, 1fr));
      gap: 8px;
      margin: 0;
      padding: 0;
      list-style: none;
    }
    .acts {
      display: flex;
      flex-wrap: wrap;
      gap: 6px;
    }
  `,
})
export class RecoveryCodes {
  private readonly toasts = inject(Toasts);
  readonly codes = input.required<readonly string[]>();

  protected async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.codes().join('\n'));
      this.toasts.done('The codes are copied.');
    } catch {
      this.toasts.problem('The browser does not let this page copy. Download them instead.');
    }
  }
  protected save(): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${this.codes().join('\n')}\n`]));
    link.download = 'clientforge-recovery-codes.txt';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}
