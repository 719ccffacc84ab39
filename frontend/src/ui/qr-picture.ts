import { Component, computed, input } from '@angular/core';
import { encodeQR } from 'qr';

/** Light modules that readers need around a code. */
const QUIET = 4;

/** The dark modules of a text's code as a path, and the side of the picture, both in modules. */
export function qrPath(text: string): { readonly side: number; readonly path: string } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')));
  return { side: rows.length, path: path.join('') };
}

/** A QR code, dark on light in every theme: readers need it so. */
@Component({
  selector: 'cf-qr-code',
  template: `
    <svg
      role="img"
      [attr.aria-label]="label()"
      [attr.viewBox]="'0 0 ' + picture().side + ' ' + picture().side"
    >
      <path [attr.d]="picture().path" />
    </svg>
  `,
  styles: `
    :host {
      display: block;
    }
    svg {
      display: block;
      width: 200px;
      border-radius: var(--cf-radius);
      background: var(--cf-paper);
      fill: var(--cf-ink);
      shape-rendering: crispEdges;
    }
  `,
})
export class QrCode {
  readonly text = input.required<string>();
  readonly label = input.required<string>();
  protected readonly picture = computed(() => qrPath(this.text()));
}
