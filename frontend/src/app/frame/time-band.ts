import { Component, DestroyRef, computed, inject, signal } from '@angular/core';
import { dayOf, dayText, instantText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { provideKeys } from './commands';
import { Compare } from './compare';
import { Time, TimeTravel } from './time';

const DAY = 86_400_000;
/** How long each day is shown while days are played, in milliseconds. */
const BEAT = 900;
/** How far back the slider reaches at least, in days. */
const REACH = 730;

/** Across the top while the app shows the past: which instant, day by day, and back to now. */
@Component({
  selector: 'cf-time-band',
  imports: [Icon],
  templateUrl: './time-band.html',
  styleUrl: './time-band.scss',
  host: { role: 'status' },
})
export class TimeBand {
  private readonly time = inject(Time);
  protected readonly travel = inject(TimeTravel);
  protected readonly compare = inject(Compare);
  private timer: ReturnType<typeof setInterval> | undefined;
  protected readonly isPlaying = signal(false);
  protected readonly text = computed(() => {
    const asOf = this.time.asOf() ?? '';
    return asOf.length === 10 ? `the end of ${dayText(asOf)}` : instantText(asOf || new Date());
  });
  private readonly age = computed(() => {
    const at = Date.parse((this.time.asOf() ?? '').slice(0, 10));
    return Math.round((Date.parse(dayOf(new Date())) - at) / DAY);
  });
  protected readonly reach = computed(() => Math.max(REACH, Math.ceil(this.age() * 1.2)));
  /** Today is at the right end of the slider. */
  protected readonly position = computed(() => this.reach() - this.age());
  protected readonly dragged = signal<string | undefined>(undefined);
  protected readonly canGoOn = computed(() => this.dayAt(this.position() + 1) <= dayOf(new Date()));

  constructor() {
    inject(DestroyRef).onDestroy(() => this.pause());
    provideKeys([
      { title: 'Play day by day', keys: 'p', icon: 'play', group: 'View', run: () => this.play() },
      {
        title: 'What changed since then',
        icon: 'history',
        group: 'View',
        run: () => this.compare.sinceThen(),
      },
    ]);
  }

  /** Goes on day by day until today, or stops where it is. */
  protected play(): void {
    if (this.isPlaying()) return this.pause();
    this.isPlaying.set(true);
    this.timer = setInterval(() => {
      if (this.canGoOn()) this.step(1, true);
      else this.pause();
    }, BEAT);
  }
  private pause(): void {
    clearInterval(this.timer);
    this.isPlaying.set(false);
  }

  protected preview(value: string): void {
    this.dragged.set(dayText(this.dayAt(Number(value))));
  }
  protected slide(value: string): void {
    this.pause();
    this.dragged.set(undefined);
    this.travel.goTo(this.dayAt(Number(value)));
  }
  protected step(days: number, isPlayed = false): void {
    if (!isPlayed) this.pause();
    const at = new Date((this.time.asOf() ?? '').slice(0, 10));
    at.setUTCDate(at.getUTCDate() + days);
    this.travel.goTo(at.toISOString().slice(0, 10), isPlayed);
  }
  private dayAt(position: number): string {
    const today = Date.parse(dayOf(new Date()));
    return new Date(today - (this.reach() - position) * DAY).toISOString().slice(0, 10);
  }
}
