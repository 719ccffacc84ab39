import { Component, computed, input } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { agoText, instantText } from './format';

/** An instant: relative within a week, the exact one on hover. */
@Component({
  selector: 'cf-when',
  imports: [MatTooltip],
  template: `<time [attr.datetime]="at()" [matTooltip]="exact()">{{ text() }}</time>`,
})
export class When {
  readonly at = input.required<string>();
  protected readonly text = computed(() => agoText(this.at()));
  protected readonly exact = computed(() => instantText(this.at()));
}
