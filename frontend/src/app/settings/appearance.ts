import { Injectable, effect, inject, untracked } from '@angular/core';
import { apiError } from '../../data/api';
import { Toasts } from '../../ui/toasts';
import { Preferences, type Theme } from '../frame/preferences';
import { Settings } from './settings';

const THEME = 'appearance.theme';
const DENSITY = 'appearance.density';

/** Keeps how the app looks in step with the person's settings, wherever they sign in. */
@Injectable({ providedIn: 'root' })
export class Appearance {
  private readonly settings = inject(Settings);
  private readonly preferences = inject(Preferences);
  private readonly toasts = inject(Toasts);
  /** What the settings say, as far as they say anything. */
  private readonly known = new Map<string, string>();
  private isRead = false;

  constructor() {
    effect(() => this.keep(THEME, this.preferences.theme()));
    effect(() => this.keep(DENSITY, this.preferences.density()));
  }

  /** Takes over what was set at any level; without that the browser keeps what it had. */
  async read(): Promise<void> {
    try {
      for (const { key, value, source } of await this.settings.all([THEME, DENSITY])) {
        this.known.set(key, source === 'default' ? this.shown(key) : String(value));
      }
      this.show();
      this.isRead = true;
    } catch {
      // The browser shows what it showed before.
    }
  }

  private shown(key: string): string {
    const { theme, density } = this.preferences;
    return untracked(key === THEME ? theme : density);
  }
  private show(): void {
    this.preferences.theme.set(this.known.get(THEME) as Theme);
    this.preferences.density.set(this.known.get(DENSITY) as 'dense' | 'comfortable');
  }
  /** A choice made anywhere in the app holds wherever the person signs in. */
  private keep(key: string, value: string): void {
    if (!this.isRead || this.known.get(key) === value) return;
    this.known.set(key, value);
    this.settings.change('user', key, { value }).catch(async (error: unknown) => {
      const { message, offline } = apiError(error);
      if (offline) return;
      this.toasts.problem(message);
      await this.read();
    });
  }
}
