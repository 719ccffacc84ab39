import { Component, computed, inject, output } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { MatMenuModule } from '@angular/material/menu';
import { NavigationEnd, Router, RouterLink } from '@angular/router';
import { filter, map } from 'rxjs';
import { Avatar } from '../../ui/avatar';
import { Icon } from '../../ui/icon';
import { recordTypes } from '../records/registry';
import { Bell } from '../notifications/bell';
import { Session } from '../session/session';
import { keyCaps } from './keys';
import { Places } from './places';
import { Preferences, type Theme } from './preferences';
import { Recent } from './recent';
import { TimeControl } from './time-control';

interface Crumb {
  readonly title: string;
  readonly path?: readonly string[];
}

/** Where am I, search, the clock and the person. */
@Component({
  selector: 'cf-top-bar',
  imports: [Avatar, Bell, Icon, MatMenuModule, RouterLink, TimeControl],
  templateUrl: './top-bar.html',
  styleUrl: './top-bar.scss',
})
export class TopBar {
  private readonly router = inject(Router);
  private readonly places = inject(Places);
  private readonly recent = inject(Recent);
  protected readonly session = inject(Session);
  protected readonly preferences = inject(Preferences);
  readonly find = output();
  readonly signOut = output();
  protected readonly caps = keyCaps('mod+k');
  protected readonly themes: readonly { readonly value: Theme; readonly label: string }[] = [
    { value: 'system', label: 'Like the system' },
    { value: 'light', label: 'Light' },
    { value: 'dark', label: 'Dark' },
  ];

  private readonly path = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map(() => this.segments()),
    ),
    { initialValue: this.segments() },
  );
  protected readonly crumbs = computed<readonly Crumb[]>(() => {
    const [first, id] = this.path();
    const address = `/${this.path().join('/')}`;
    const place = this.places.all().find(({ path }) => path === address);
    if (place && address !== '/deals/board') return [{ title: place.title }];
    const type = recordTypes.find(({ collection }) => collection === first);
    if (!type || !id) return [];
    const list = { title: type.many[0]!.toUpperCase() + type.many.slice(1), path: ['/', first!] };
    const known = this.recent.all().find((one) => one.id === id)?.label;
    return [list, { title: address === '/deals/board' ? 'Board' : (known ?? type.one) }];
  });

  private segments(): readonly string[] {
    return this.router.url.split(/[?#]/)[0]!.split('/').filter(Boolean);
  }
}
