import { Injectable, computed, inject, signal } from '@angular/core';
import {
  DefaultUrlSerializer,
  NavigationStart,
  Router,
  UrlSerializer,
  type UrlTree,
} from '@angular/router';
import { filter } from 'rxjs';

const PARAMETER = 'asOf';
const DAY = 86_400_000;

/** The instant the app shows: now, or one in the past. */
@Injectable({ providedIn: 'root' })
export class Time {
  private readonly chosen = signal<string | null>(null);
  /** A day or an instant as the API takes it; null is now. */
  readonly asOf = this.chosen.asReadonly();
  readonly isPast = computed(() => this.chosen() !== null);

  /** The instant shown as a date: what is late or old is so by this one. */
  now(): Date {
    const asOf = this.chosen();
    if (asOf === null) return new Date();
    return new Date(asOf.length === 10 ? Date.parse(asOf) + DAY - 1 : asOf);
  }

  adopt(asOf: string | null): void {
    this.chosen.set(asOf);
  }
}

/**
 * Addresses carry the instant, so that links, Back and colleagues see the same. An address given
 * as text is whole and decides; one built in code inherits the instant the app is in.
 */
@Injectable({ providedIn: 'root' })
export class TimeUrls implements UrlSerializer {
  private readonly plain = new DefaultUrlSerializer();
  private readonly time = inject(Time);
  private readonly whole = new WeakSet<UrlTree>();

  parse(url: string): UrlTree {
    const tree = this.plain.parse(url);
    this.whole.add(tree);
    return tree;
  }

  serialize(tree: UrlTree): string {
    if (this.whole.has(tree)) return this.plain.serialize(tree);
    const { [PARAMETER]: _old, ...others } = tree.queryParams;
    const asOf = this.time.asOf();
    const before = tree.queryParams;
    tree.queryParams = asOf ? { ...others, [PARAMETER]: asOf } : others;
    try {
      return this.plain.serialize(tree);
    } finally {
      tree.queryParams = before;
    }
  }

  /** Goes to the instant of an address that was given as text. */
  follow(tree: UrlTree): void {
    if (this.whole.has(tree)) this.time.adopt(readInstant(tree.queryParams[PARAMETER]));
  }
}

/** Lets every navigation decide the instant before its page is made. */
export function followTime(): void {
  const [router, urls] = [inject(Router), inject(TimeUrls)];
  router.events.pipe(filter((event) => event instanceof NavigationStart)).subscribe(() => {
    const navigation = router.currentNavigation();
    if (navigation) urls.follow(navigation.extractedUrl);
  });
}

/** Moves the app to another instant, or back to now. */
@Injectable({ providedIn: 'root' })
export class TimeTravel {
  private readonly time = inject(Time);
  private readonly router = inject(Router);

  /** With `replace`, Back skips the instant that is left. */
  goTo(asOf: string | null, replace = false): void {
    this.time.adopt(asOf && readInstant(asOf));
    void this.router.navigate([], {
      queryParams: { [PARAMETER]: this.time.asOf() },
      queryParamsHandling: 'merge',
      onSameUrlNavigation: 'reload',
      replaceUrl: replace,
    });
  }
}

/** A day or an instant; anything else is no place in time. */
export function readInstant(text: unknown): string | null {
  const plausible = typeof text === 'string' && /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text);
  return plausible && !Number.isNaN(Date.parse(text)) ? text : null;
}
