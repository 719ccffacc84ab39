import { Component, computed, input, model, signal } from '@angular/core';

/** Fewest characters of a password that stands alone. */
export const MIN_PASSWORD = 15;

/** A field for a new password, which says what is still missing. */
@Component({
  selector: 'cf-new-password',
  template: `
    <div class="field">
      <label for="new-password">New password</label>
      <div class="secret">
        <input
          #box
          id="new-password"
          class="input large"
          autocomplete="new-password"
          required
          aria-describedby="new-password-rule"
          [type]="isShown() ? 'text' : 'password'"
          [value]="value()"
          (input)="value.set(box.value)"
        />
        <button
          type="button"
          class="button quiet small"
          [attr.aria-pressed]="isShown()"
          (click)="isShown.set(!isShown())"
        >
          {{ isShown() ? 'Hide' : 'Show' }}
        </button>
      </div>
      <p class="rule" id="new-password-rule">{{ rule() }}</p>
    </div>
  `,
  styles: `
    .secret {
      position: relative;
    }
    .secret .input {
      width: 100%;
      padding-right: 64px;
    }
    .secret .button {
      position: absolute;
      top: 6px;
      right: 6px;
    }
    .rule {
      color: var(--cf-text-soft);
      font-size: 0.75rem;
    }
  `,
})
export class NewPassword {
  readonly value = model('');
  /** Fewest characters, where it is not those of a password that stands alone. */
  readonly minimum = input(MIN_PASSWORD);
  protected readonly isShown = signal(false);
  protected readonly rule = computed(() => {
    const minimum = this.minimum();
    const missing = minimum - [...this.value().normalize('NFC')].length;
    if (missing <= 0) return 'Long enough.';
    if (missing === minimum) {
      return `At least ${minimum} characters; a few unrelated words are fine.`;
    }
    return missing === 1 ? 'One more character.' : `${missing} more characters.`;
  });
}
