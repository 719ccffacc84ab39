import { Component, inject } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { RouterLink, RouterLinkActive } from '@angular/router';
import { Avatar } from '../../ui/avatar';
import { Icon } from '../../ui/icon';
import { Session } from '../session/session';
import { Places } from './places';
import { Preferences } from './preferences';

/** The navigation at the left: wide with words, or folded to its icons. */
@Component({
  selector: 'cf-rail',
  imports: [Avatar, Icon, MatTooltip, RouterLink, RouterLinkActive],
  templateUrl: './rail.html',
  styleUrl: './rail.scss',
})
export class Rail {
  protected readonly places = inject(Places);
  protected readonly preferences = inject(Preferences);
  protected readonly workspace = inject(Session).identity;
}
