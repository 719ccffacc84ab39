import { inject } from '@angular/core';
import { Router, type CanActivateFn } from '@angular/router';
import { Session } from './session';

/** Pages for people who are signed in; the address asked for is kept for afterwards. */
export const signedIn: CanActivateFn = async (_route, state) => {
  const router = inject(Router);
  if (await inject(Session).start()) return true;
  const queryParams = state.url === '/' ? {} : { next: state.url };
  return router.createUrlTree(['/sign-in'], { queryParams });
};

/** The sign-in page is no place for somebody who is signed in. */
export const signedOut: CanActivateFn = async (route) => {
  const router = inject(Router);
  const session = inject(Session);
  if (!(await session.start())) return true;
  return router.parseUrl(safeTarget(route.queryParamMap.get('next')));
};

/** An address inside the app; anything else would send people to a place they did not choose. */
export function safeTarget(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/';
}
