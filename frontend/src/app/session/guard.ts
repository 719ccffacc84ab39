import { inject } from '@angular/core';
import { Router, type CanActivateFn } from '@angular/router';
import { Session } from './session';
import { endOfTest, SingleSignOn } from './single-sign-on';

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
  const singleSignOn = inject(SingleSignOn);
  const hasCome = route.queryParamMap.get('sso') === 'done';
  if (!(await (hasCome ? session.adopt() : session.start()))) return true;
  if (hasCome) singleSignOn.hasCome();
  const next = route.queryParamMap.get('next');
  const came = route.queryParamMap.has('sso') ? endOfTest() : null;
  return router.parseUrl(safeTarget(came ?? next));
};

/** An address inside the app; anything else would send people to a place they did not choose. */
export function safeTarget(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/';
}
