import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { Icon } from '../../ui/icon';
import { State } from '../../ui/state';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { problemText } from '../session/link-pages';
import { Session } from '../session/session';
import { Appearance } from './appearance';
import {
  Settings,
  levelNames,
  valueText,
  type HistoryEntry,
  type Level,
  type LockKind,
  type OwnLevel,
  type Setting,
  type SettingValue,
} from './settings';

interface Tab {
  readonly level: OwnLevel;
  readonly title: string;
  readonly about: string;
}
const tabs: readonly Tab[] = [
  { level: 'user', title: 'Yours', about: 'These hold for you, wherever you sign in.' },
  { level: 'session', title: 'This session', about: 'These hold until you sign out here.' },
  { level: 'tenant', title: 'Workspace', about: 'Everybody in the workspace inherits these.' },
];

/** Settings level by level: what holds, where it comes from, and whether it is locked. */
@Component({
  selector: 'cf-settings-page',
  imports: [Icon, RouterLink, State, When],
  templateUrl: './settings-page.html',
  styleUrl: './settings-page.scss',
})
export class SettingsPage {
  private readonly settings = inject(Settings);
  private readonly appearance = inject(Appearance);
  private readonly toasts = inject(Toasts);
  private readonly session = inject(Session);
  private readonly all = signal<readonly Setting[] | undefined>(undefined);
  protected readonly tabs = tabs.filter(
    ({ level }) => level !== 'tenant' || this.session.may('settings:update'),
  );
  protected readonly tab = signal<Tab>(tabs[0]!);
  protected readonly mayExport = this.session.may('tenant:export');
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly problem = signal<{ key: string; text: string } | undefined>(undefined);
  protected readonly busy = signal(false);
  protected readonly history = signal<readonly HistoryEntry[] | undefined>(undefined);
  /** The settings of the tab under their headings. */
  protected readonly groups = computed(() => {
    const { level } = this.tab();
    const groups = new Map<string, Setting[]>();
    for (const setting of this.all() ?? []) {
      if (!setting.levels.includes(level)) continue;
      groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
    }
    return this.all() && [...groups].map(([title, settings]) => ({ title, settings }));
  });
  protected readonly maySeePlan = this.session.may('tenant:update');
  protected readonly valueText = valueText;

  constructor() {
    void this.refresh();
  }

  protected async refresh(): Promise<void> {
    try {
      this.all.set(await this.settings.all());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected choose(tab: Tab): void {
    this.tab.set(tab);
    this.problem.set(undefined);
    this.history.set(undefined);
  }
  protected mayChange({ changeable }: Setting): boolean {
    return changeable.includes(this.tab().level);
  }
  protected isOwn({ set }: Setting): boolean {
    return set[this.tab().level] !== undefined;
  }
  /** Where what this level shows comes from: itself, a level above, or whoever holds it. */
  private sourceOf(setting: Setting): Level | 'default' {
    const { level } = this.tab();
    const { lock, levels, set, source } = setting;
    if (lock?.lock === 'hard' && lock.level !== level) return source;
    const reaching = levels.slice(0, levels.indexOf(level) + 1);
    return reaching.findLast((one) => set[one] !== undefined) ?? 'default';
  }
  /** What this level has, or inherits while it has nothing of its own. */
  protected shown(setting: Setting): SettingValue {
    const source = this.sourceOf(setting);
    return source === 'default' ? setting.default : setting.set[source]!;
  }
  protected origin(setting: Setting): string {
    const source = this.sourceOf(setting);
    if (source === this.tab().level) return 'Set here';
    const kept = this.isOwn(setting) ? ', whatever is set here' : '';
    return `From ${levelNames[source]}${kept}`;
  }
  protected lockText({ lock }: Setting): string | undefined {
    if (!lock || lock.level === this.tab().level) return undefined;
    const by = levelNames[lock.level];
    const text =
      lock.lock === 'hard' ? `Locked by ${by}` : `${valueText(lock.value)} is recommended by ${by}`;
    return lock.message ? `${text}: ${lock.message}` : text;
  }
  protected lockHere({ lock }: Setting): LockKind | 'none' {
    return lock?.level === this.tab().level ? lock.lock : 'none';
  }
  protected mayLock(setting: Setting): boolean {
    return this.tab().level === 'tenant' && setting.levels.at(-1) !== 'tenant';
  }
  /** What a control holds, as the setting takes it. */
  protected set({ key, allowed }: Setting, given: string | boolean): Promise<void> {
    const value = allowed.type === 'integer' ? Number(given) : given;
    return this.work(key, () => this.settings.change(this.tab().level, key, { value }));
  }
  protected reset({ key }: Setting): Promise<void> {
    return this.work(key, () => this.settings.reset(this.tab().level, key));
  }
  protected lock({ key }: Setting, kind: string, message: string): Promise<void> {
    const lock = kind as LockKind | 'none';
    const change = { lock, lockMessage: lock === 'none' ? null : message.trim() || null };
    return this.work(key, () => this.settings.change(this.tab().level, key, change));
  }
  protected titleOf(key: string): string {
    return this.all()?.find((one) => one.key === key)?.title ?? key;
  }
  protected async showHistory(): Promise<void> {
    try {
      this.history.set(await this.settings.history(this.tab().level));
    } catch (error) {
      this.toasts.problem(problemText(error));
    }
  }

  private async work(key: string, what: () => Promise<Setting>): Promise<void> {
    this.problem.set(undefined);
    this.busy.set(true);
    try {
      const now = await what();
      this.all.update((all) => all?.map((one) => (one.key === key ? now : one)));
      this.toasts.done(`${now.title} is saved.`);
      await this.appearance.read();
      if (this.history()) await this.showHistory();
    } catch (error) {
      this.problem.set({ key, text: problemText(error) });
      // The control goes back to what holds.
      this.all.update((all) => all?.map((one) => (one.key === key ? { ...one } : one)));
    } finally {
      this.busy.set(false);
    }
  }
}
