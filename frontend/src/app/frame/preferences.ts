import { DOCUMENT, Injectable, effect, inject, signal } from '@angular/core';

export type Theme = 'system' | 'light' | 'dark';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** How this browser shows the app; kept here, not in the workspace. */
@Injectable({ providedIn: 'root' })
export class Preferences {
  private readonly root = inject(DOCUMENT).documentElement;
  readonly theme = signal<Theme>(read('theme', themes, 'system'));
  readonly density = signal(read('density', ['dense', 'comfortable'] as const, 'dense'));
  readonly isRailFolded = signal(read('rail', ['open', 'folded'] as const, 'open') === 'folded');

  constructor() {
    effect(() => {
      const theme = this.theme();
      localStorage.setItem('cf.theme', theme);
      if (theme === 'system') delete this.root.dataset['theme'];
      else this.root.dataset['theme'] = theme;
    });
    effect(() => {
      localStorage.setItem('cf.density', this.density());
      this.root.dataset['density'] = this.density();
    });
    effect(() => localStorage.setItem('cf.rail', this.isRailFolded() ? 'folded' : 'open'));
  }

  nextTheme(): void {
    this.theme.update((theme) => themes[(themes.indexOf(theme) + 1) % themes.length]!);
  }
}

function read<Value extends string>(name: string, values: readonly Value[], initial: Value): Value {
  const stored = localStorage.getItem(`cf.${name}`);
  return values.find((value) => value === stored) ?? initial;
}
