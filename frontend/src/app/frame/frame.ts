import { Component, DestroyRef, computed, effect, inject, signal, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { MatDialog } from '@angular/material/dialog';
import { NavigationEnd, Router, RouterOutlet } from '@angular/router';
import { filter, map } from 'rxjs';
import { Live } from '../../data/live';
import { Toasts } from '../../ui/toasts';
import { createRecord } from '../records/record/create-record';
import type { RecordType } from '../records/record-type';
import { typeOf } from '../records/registry';
import { StepUp } from '../security/step-up';
import { Session } from '../session/session';
import { Appearance } from '../settings/appearance';
import { BottomBar } from './bottom-bar';
import { Commands, type Command } from './commands';
import { OfflineNote } from './offline-note';
import { Places } from './places';
import { Preferences } from './preferences';
import { Rail } from './rail';
import { Recent } from './recent';
import { Time, TimeTravel } from './time';
import { TimeBand } from './time-band';
import { TopBar } from './top-bar';

/** The frame around every page: navigation, top bar, the band of the past, the commands. */
@Component({
  selector: 'cf-frame',
  imports: [BottomBar, OfflineNote, Rail, RouterOutlet, TimeBand, TopBar],
  templateUrl: './frame.html',
  styleUrl: './frame.scss',
})
export class Frame {
  protected readonly preferences = inject(Preferences);
  protected readonly time = inject(Time);
  private readonly travel = inject(TimeTravel);
  private readonly places = inject(Places);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly dialog = inject(MatDialog);
  private readonly toasts = inject(Toasts);
  private readonly recent = inject(Recent);
  protected readonly isMenuOpen = signal(false);

  private readonly url = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map(() => this.router.url),
    ),
    { initialValue: this.router.url },
  );
  /** What `C` creates: the type of the page, else a contact. */
  private readonly hereType = computed(() => {
    const first = this.url().split(/[/?]/)[1];
    return this.places.creatable().find(({ collection }) => collection === first);
  });

  constructor() {
    inject(StepUp).watch();
    void inject(Appearance).read();
    const commands = inject(Commands);
    const live = inject(Live);
    live.start();
    inject(DestroyRef).onDestroy(() => live.close());
    effect((done) => {
      const set = this.commands();
      untracked(() => done(commands.add(set)));
    });
    effect(() => {
      if (!this.session.hasEnded()) return;
      const queryParams = { next: untracked(() => this.router.url) };
      void this.router.navigate(['/sign-in'], { queryParams });
    });
  }

  private commands(): readonly Command[] {
    const goTo = this.places.all().map(({ title, path, icon, key }): Command => ({
      title,
      icon,
      keys: `g ${key}`,
      group: 'Go to',
      words: 'go open',
      run: () => void this.router.navigate([path]),
    }));
    const here = this.hereType();
    const now = () => !this.time.isPast();
    const create = this.places.creatable().map((type): Command => ({
      title: `Create ${type.one}`,
      icon: type.icon,
      group: 'Create',
      words: 'new add',
      when: now,
      run: () => this.create(type),
      ...(type === (here ?? typeOf('contacts')) ? { keys: 'c' } : {}),
    }));
    return [
      ...goTo,
      ...create,
      {
        title: 'Search and commands',
        keys: 'mod+k',
        group: 'View',
        silent: true,
        always: true,
        run: () => void this.openPalette(),
      },
      {
        title: 'All keys',
        keys: '?',
        icon: 'keyboard',
        group: 'View',
        run: () => void this.openKeys(),
      },
      {
        title: 'Undo the last change',
        keys: 'mod+z',
        icon: 'undo',
        group: 'View',
        run: () => this.toasts.runLatest(),
      },
      {
        title: 'Fold the navigation',
        keys: '[',
        icon: 'panel',
        group: 'View',
        run: () => this.preferences.isRailFolded.update((folded) => !folded),
      },
      {
        title: 'Switch between system, light and dark',
        icon: 'moon',
        group: 'View',
        words: 'theme colour night',
        run: () => this.preferences.nextTheme(),
      },
      {
        title: 'Back to now',
        icon: 'clock',
        group: 'View',
        when: () => this.time.isPast(),
        run: () => this.travel.goTo(null),
      },
      {
        title: 'Sign out',
        icon: 'exit',
        group: 'Session',
        run: () => void this.signOut(),
      },
    ];
  }

  protected async openPalette(): Promise<void> {
    const { Palette } = await import('./palette');
    if (this.dialog.openDialogs.some((one) => one.componentInstance instanceof Palette)) return;
    this.dialog.open(Palette, {
      width: '600px',
      maxWidth: 'calc(100vw - 24px)',
      position: { top: 'min(12vh, 96px)' },
      autoFocus: 'input',
      panelClass: 'bare-dialog',
      ariaLabel: 'Search and commands',
    });
  }
  protected async signOut(): Promise<void> {
    await this.session.signOut();
    this.recent.clear();
    this.dialog.closeAll();
    await this.router.navigate(['/sign-in']);
  }
  private async openKeys(): Promise<void> {
    const { KeySheet } = await import('./key-sheet');
    this.dialog.open(KeySheet, { width: '640px', maxWidth: 'calc(100vw - 24px)' });
  }
  private create(type: RecordType): void {
    void createRecord(this.dialog, type).then((record) => {
      if (record) void this.router.navigate(['/', type.collection, record.id]);
    });
  }
}
