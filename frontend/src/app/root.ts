import { Component, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { ToastOutlet } from '../ui/toasts';
import { Keys } from './frame/keys';
import { Preferences } from './frame/preferences';

/** Everything: the page of the address, and messages above it. */
@Component({
  selector: 'cf-root',
  imports: [RouterOutlet, ToastOutlet],
  template: `<router-outlet /><cf-toasts />`,
})
export class Root {
  constructor() {
    inject(Preferences);
    inject(Keys).listen();
  }
}
