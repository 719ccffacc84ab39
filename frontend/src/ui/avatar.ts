import { Component, computed, input } from '@angular/core';
import { toneOf } from './tone';

/**
 * Initials of a person or company in a tone that stays theirs. They are decoration: the name is
 * written or said beside them.
 */
@Component({
  selector: 'cf-avatar',
  template: '',
  host: {
    'aria-hidden': 'true',
    '[attr.data-initials]': 'initials()',
    '[class.square]': 'square()',
    '[style.--size.px]': 'size()',
    '[style.background]': 'background()',
    '[style.color]': 'color()',
  },
  styles: `
    :host {
      display: inline-grid;
      place-items: center;
      flex: none;
      width: var(--size);
      height: var(--size);
      border-radius: 50%;
      font-size: calc(var(--size) * 0.4);
      font-weight: 600;
      line-height: 1;
      letter-spacing: -0.02em;
      user-select: none;
    }
    :host::before {
      content: attr(data-initials);
    }
    :host(.square) {
      border-radius: 25%;
    }
  `,
})
export class Avatar {
  readonly name = input.required<string>();
  readonly size = input(20);
  readonly square = input(false);

  protected readonly initials = computed(() => {
    const words = this.name()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean);
    const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
    return letters.map((word) => [...(word ?? '?')][0]!.toUpperCase()).join('');
  });
  private readonly tone = computed(() => toneOf(this.name()));
  protected readonly background = computed(() => `var(--cf-tone-${this.tone()})`);
  protected readonly color = computed(() => `var(--cf-tone-${this.tone()}-text)`);
}
