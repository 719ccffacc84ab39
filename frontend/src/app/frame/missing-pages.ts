import { inject } from '@angular/core';
import { RedirectCommand, Router, type NavigationError } from '@angular/router';
import { Toasts } from '../../ui/toasts';

/** When the app was last loaded anew for a page that was missing, in milliseconds. */
const MARK = 'cf.loaded-anew';
const ONCE_MS = 30_000;

/**
 * Files of pages have other names after an upgrade: whoever has the app open since before loads it
 * anew at the address they asked for. Where the server is out of reach they are told, and stay.
 */
export function pageMissing({ error, url }: NavigationError): RedirectCommand | undefined {
  // What browsers say of a module that cannot be loaded has no code and differs between them.
  if (!(error instanceof TypeError) || !/module/i.test(error.message)) return undefined;
  const router = inject(Router);
  const toasts = inject(Toasts);
  const last = Number(sessionStorage.getItem(MARK) ?? 0);
  if (Date.now() - last < ONCE_MS) {
    toasts.problem('The page could not be loaded. Try again in a while.');
    return undefined;
  }
  void fetch(url, { method: 'HEAD' }).then(
    () => {
      sessionStorage.setItem(MARK, String(Date.now()));
      location.assign(url);
    },
    () => toasts.problem('The page could not be loaded. Try again when the connection is back.'),
  );
  return new RedirectCommand(router.parseUrl(router.url));
}
