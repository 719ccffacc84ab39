import { Component, input } from '@angular/core';

/** Lines that stand where rows will be, while they are read. */
@Component({
  selector: 'cf-bones',
  host: { class: 'after-a-moment', 'aria-busy': 'true' },
  template: `
    @for (width of widths(); track $index) {
      <span class="bone" [style.width.%]="width"></span>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 22px;
      padding: 18px 16px;
    }
    :host(.flush) {
      padding-inline: 0;
    }
  `,
})
export class Bones {
  /** Width of each line in percent. */
  readonly widths = input<readonly number[]>([50, 35]);
}
