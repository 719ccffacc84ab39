import { Injectable, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router } from '@angular/router';
import { filter, map } from 'rxjs';
import { dayText, instantText } from '../../ui/format';
import { Time, readInstant } from './time';

const PARAMETER = 'compare';

/** The other instant a page is compared with; it is in the address beside the one shown. */
@Injectable({ providedIn: 'root' })
export class Compare {
  private readonly router = inject(Router);
  private readonly time = inject(Time);
  private readonly url = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map(() => this.router.url),
    ),
    { initialValue: this.router.url },
  );
  /** A day or an instant as the API takes it; null while nothing is compared. */
  readonly with = computed(() =>
    readInstant(this.router.parseUrl(this.url()).queryParams[PARAMETER]),
  );
  /** Whether the page of the address can show two instants. */
  readonly isPossible = computed(() => {
    const [first, second] = this.url().split(/[?#]/)[0]!.split('/').filter(Boolean);
    return second !== undefined && first !== undefined;
  });
  readonly thenText = computed(() => instantWords(this.with()));
  readonly shownText = computed(() => instantWords(this.time.asOf()));

  /** Compares what the page shows with another instant; null ends it. */
  start(instant: string | null): void {
    void this.router.navigate([], {
      queryParams: { [PARAMETER]: instant },
      queryParamsHandling: 'merge',
    });
  }
  /** Goes back to now and compares it with the instant that was shown. */
  sinceThen(): void {
    const then = this.time.asOf();
    this.time.adopt(null);
    if (this.isPossible()) {
      const queryParams = { asOf: null, [PARAMETER]: then };
      void this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
    } else {
      void this.router.navigate(['/audit'], { queryParams: { from: then } });
    }
  }
}

function instantWords(instant: string | null): string {
  if (!instant) return 'Now';
  return instant.length === 10 ? `End of ${dayText(instant)}` : instantText(instant);
}
