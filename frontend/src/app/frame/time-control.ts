import { CdkTrapFocus } from '@angular/cdk/a11y';
import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, signal } from '@angular/core';
import { dayOf, dayText, instantText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { provideKeys } from './commands';
import { Time, TimeTravel } from './time';

const DAY = 86_400_000;

/** The clock in the top bar: chooses the instant the whole app shows. */
@Component({
  selector: 'cf-time-control',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, CdkTrapFocus, Icon],
  templateUrl: './time-control.html',
  styleUrl: './time-control.scss',
})
export class TimeControl {
  protected readonly time = inject(Time);
  private readonly travel = inject(TimeTravel);
  protected readonly isOpen = signal(false);
  protected readonly today = computed(() => (this.isOpen() ? dayOf(new Date()) : ''));
  protected readonly text = computed(() => {
    const asOf = this.time.asOf();
    if (!asOf) return 'Now';
    return asOf.length === 10 ? dayText(asOf) : instantText(asOf);
  });
  protected readonly jumps = [
    { label: 'Yesterday', days: 1 },
    { label: 'A week ago', days: 7 },
    { label: 'A month ago', days: 30 },
    { label: 'A quarter ago', days: 91 },
    { label: 'A year ago', days: 365 },
  ];

  constructor() {
    provideKeys([
      {
        title: 'Look at another time',
        icon: 'clock',
        keys: 'g i',
        group: 'View',
        words: 'past history as of travel instant',
        run: () => this.isOpen.set(true),
      },
    ]);
  }

  protected jump(days: number): void {
    this.go(dayOf(new Date(Date.now() - days * DAY)));
  }
  protected go(day: string, clock = ''): void {
    if (!day) return;
    this.isOpen.set(false);
    const at = clock ? new Date(`${day}T${clock}`).toISOString() : day;
    this.travel.goTo(at);
  }
  protected backToNow(): void {
    this.isOpen.set(false);
    this.travel.goTo(null);
  }
}
