import { CdkTrapFocus } from '@angular/cdk/a11y';
import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, DestroyRef, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Bones } from '../../ui/bones';
import { Icon } from '../../ui/icon';
import { provideKeys } from '../frame/commands';
import { NoticeView } from './notice';
import { Notifications } from './notifications';

/** What is new for this person, in the top bar. */
@Component({
  selector: 'cf-bell',
  imports: [
    Bones,
    CdkConnectedOverlay,
    CdkOverlayOrigin,
    CdkTrapFocus,
    Icon,
    NoticeView,
    RouterLink,
  ],
  templateUrl: './bell.html',
  styleUrl: './bell.scss',
})
export class Bell {
  protected readonly notifications = inject(Notifications);
  protected readonly isOpen = signal(false);
  protected readonly count = computed(() => {
    const { count, isCapped } = this.notifications.unread();
    return count > 99 || isCapped ? '99+' : count > 0 ? String(count) : '';
  });

  constructor() {
    inject(DestroyRef).onDestroy(this.notifications.follow());
    provideKeys([
      {
        title: 'Notifications',
        icon: 'bell',
        keys: 'g n',
        group: 'View',
        words: 'inbox unread assigned bell',
        run: () => this.isOpen.set(true),
      },
    ]);
  }
}
