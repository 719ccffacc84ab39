import { DOCUMENT, DestroyRef, inject } from '@angular/core';

/**
 * Does something again and again for as long as the component lives: never twice at a time, not
 * while the page is hidden, and at once when it is shown again.
 */
export function refreshQuietly(work: () => Promise<unknown>, seconds: () => number): void {
  const document = inject(DOCUMENT);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isBusy = false;
  let hasEnded = false;
  const later = () => {
    clearTimeout(timer);
    if (!hasEnded) timer = setTimeout(() => void turn(), seconds() * 1000);
  };
  const turn = async () => {
    if (isBusy || document.hidden) return;
    isBusy = true;
    try {
      await work();
    } finally {
      isBusy = false;
      later();
    }
  };
  const shown = () => void turn();
  document.addEventListener('visibilitychange', shown);
  inject(DestroyRef).onDestroy(() => {
    hasEnded = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', shown);
  });
  later();
}
