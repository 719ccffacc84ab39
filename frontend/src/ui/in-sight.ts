import { Directive, ElementRef, effect, inject, input, output } from '@angular/core';

/** Tells when an element comes near the visible part of its scroller; once for each value. */
@Directive({ selector: '[cfInSight]' })
export class InSight {
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  /** What is waited for; a new value starts to watch anew. */
  readonly cfInSight = input.required<unknown>();
  /** Selector of the element that scrolls. */
  readonly scroller = input.required<string>();
  readonly inSight = output();

  constructor() {
    effect((done) => {
      this.cfInSight();
      const element = this.host.nativeElement;
      const options = { root: element.closest(this.scroller()), rootMargin: '600px 0px' };
      const watcher = new IntersectionObserver(([one]) => {
        if (!one?.isIntersecting) return;
        watcher.disconnect();
        this.inSight.emit();
      }, options);
      watcher.observe(element);
      done(() => watcher.disconnect());
    });
  }
}
