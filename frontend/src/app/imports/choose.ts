import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import {
  ApplicationRef,
  Component,
  ElementRef,
  computed,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { Icon } from '../../ui/icon';
import { Picker, type Option } from '../../ui/picker';

/** A button that shows what is chosen and opens the options. */
@Component({
  selector: 'cf-choose',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Icon, Picker],
  template: `
    <button
      type="button"
      class="input"
      cdkOverlayOrigin
      #at="cdkOverlayOrigin"
      aria-haspopup="listbox"
      [attr.aria-label]="label() + ': ' + text()"
      [attr.aria-expanded]="isOpen()"
      [attr.aria-invalid]="invalid() ? 'true' : null"
      [class.none]="selected().length === 0"
      (click)="open()"
    >
      <span class="cut">{{ text() }}</span>
      <cf-icon name="down" [size]="12" />
    </button>
    <ng-template
      cdkConnectedOverlay
      cdkConnectedOverlayHasBackdrop
      cdkConnectedOverlayBackdropClass="cdk-overlay-transparent-backdrop"
      [cdkConnectedOverlayOrigin]="at"
      [cdkConnectedOverlayOpen]="isOpen()"
      [cdkConnectedOverlayPush]="true"
      (backdropClick)="close()"
      (overlayKeydown)="$event.key === 'Escape' && close()"
    >
      <div class="floating" role="dialog" [attr.aria-label]="label()">
        <cf-picker
          [label]="label()"
          [options]="options()"
          [selected]="selected()"
          [multiple]="multiple()"
          [clear]="clear()"
          (pick)="pick.emit($event)"
          (closed)="close()"
        />
      </div>
    </ng-template>
  `,
  styles: `
    :host {
      display: block;
      min-width: 0;
    }
    button {
      display: flex;
      align-items: center;
      gap: 6px;
      text-align: left;
    }
    cf-icon {
      margin-left: auto;
      color: var(--cf-text-faint);
    }
    .none {
      color: var(--cf-text-soft);
    }
  `,
})
export class Choose {
  readonly label = input.required<string>();
  readonly options = input.required<readonly Option[]>();
  readonly selected = input<readonly string[]>([]);
  readonly multiple = input(false);
  readonly clear = input<string>();
  /** Shown while nothing is chosen. */
  readonly none = input('Choose…');
  readonly invalid = input(false);
  readonly pick = output<string | null>();
  protected readonly isOpen = signal(false);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly app = inject(ApplicationRef);
  protected readonly text = computed(() => {
    const chosen = this.selected();
    const labels = this.options().filter(({ value }) => chosen.includes(value));
    return labels.map(({ label }) => label).join(', ') || this.none();
  });

  protected open(): void {
    this.isOpen.set(true);
    // Drawn at once: what is typed next is meant for the options.
    this.app.tick();
  }

  protected close(): void {
    if (!this.isOpen()) return;
    this.isOpen.set(false);
    this.host.nativeElement.querySelector('button')?.focus();
  }
}
