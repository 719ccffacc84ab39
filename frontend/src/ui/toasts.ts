import { Component, Injectable, inject, signal } from '@angular/core';
import { Icon } from './icon';

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'done' | 'problem';
  readonly action?: ToastAction;
}

/** How long a message stays, in milliseconds. */
const STAYS = 10_000;

/** Short messages at the foot of the page; what was done can be undone from there. */
@Injectable({ providedIn: 'root' })
export class Toasts {
  private readonly shown = signal<readonly Toast[]>([]);
  readonly all = this.shown.asReadonly();
  private next = 1;

  done(text: string, action?: ToastAction): void {
    this.show({ text, kind: 'done', ...(action ? { action } : {}) });
  }
  problem(text: string, action?: ToastAction): void {
    this.show({ text, kind: 'problem', ...(action ? { action } : {}) });
  }
  dismiss(id: number): void {
    this.shown.update((toasts) => toasts.filter((toast) => toast.id !== id));
  }
  /** Runs the action of the newest message that has one, as Ctrl/Cmd Z does. */
  runLatest(): boolean {
    const toast = this.shown().findLast((one) => one.action);
    if (!toast) return false;
    this.dismiss(toast.id);
    toast.action!.run();
    return true;
  }

  private show(toast: Omit<Toast, 'id'>): void {
    const id = this.next++;
    this.shown.update((toasts) => [...toasts.slice(-2), { ...toast, id }]);
    setTimeout(() => this.dismiss(id), STAYS);
  }
}

@Component({
  selector: 'cf-toasts',
  imports: [Icon],
  template: `
    @for (toast of toasts.all(); track toast.id) {
      <div class="toast" [class.problem]="toast.kind === 'problem'">
        <cf-icon [name]="toast.kind === 'problem' ? 'warn' : 'check'" [size]="16" />
        <span>{{ toast.text }}</span>
        @if (toast.action; as action) {
          <button type="button" class="act" (click)="run(toast)">{{ action.label }}</button>
        }
        <button
          type="button"
          class="dismiss"
          aria-label="Dismiss"
          (click)="toasts.dismiss(toast.id)"
        >
          <cf-icon name="close" [size]="14" />
        </button>
      </div>
    }
  `,
  host: { role: 'status', 'aria-live': 'polite' },
  styles: `
    :host {
      position: fixed;
      z-index: 1100;
      right: 20px;
      bottom: 20px;
      display: grid;
      justify-items: end;
      gap: 8px;
      max-width: calc(100vw - 24px);
    }
    @media (max-width: 720px) {
      :host {
        right: 12px;
        bottom: 132px;
        left: 12px;
      }
    }
    .toast {
      display: flex;
      align-items: center;
      gap: 10px;
      min-height: 40px;
      padding: 4px 6px 4px 12px;
      border-radius: var(--cf-radius);
      background: var(--cf-text);
      color: var(--cf-surface);
      box-shadow: var(--cf-float);
      animation: rise var(--cf-slow) var(--cf-ease);
    }
    .problem {
      background: var(--cf-danger-solid);
      color: var(--cf-on-accent);
    }
    button {
      min-height: 28px;
      padding: 0 8px;
      border: 0;
      border-radius: 6px;
      background: transparent;
      color: inherit;
      font-weight: 600;
    }
    button:hover {
      background: color-mix(in srgb, currentColor 16%, transparent);
    }
    .act {
      text-decoration: underline;
      text-underline-offset: 3px;
    }
    @keyframes rise {
      from {
        opacity: 0;
        transform: translateY(8px);
      }
    }
  `,
})
export class ToastOutlet {
  protected readonly toasts = inject(Toasts);

  protected run(toast: Toast): void {
    this.toasts.dismiss(toast.id);
    toast.action?.run();
  }
}
