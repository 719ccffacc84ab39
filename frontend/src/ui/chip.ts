import { Component, input } from '@angular/core';
import type { Tone } from './tone';

/** A short label: a status, a choice, a tag. */
@Component({
  selector: 'cf-chip',
  template: `<span class="cut"><ng-content /></span>`,
  host: {
    '[style.background]': '"var(--cf-tone-" + tone() + ")"',
    '[style.color]': '"var(--cf-tone-" + tone() + "-text)"',
  },
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      max-width: 100%;
      height: 20px;
      padding: 0 7px;
      border-radius: 5px;
      font-size: 0.75rem;
      font-weight: 500;
      line-height: 20px;
    }
  `,
})
export class Chip {
  readonly tone = input<Tone>('gray');
}
