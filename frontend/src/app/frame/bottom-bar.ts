import { Component, computed, inject, output, signal } from '@angular/core';
import { RouterLink, RouterLinkActive } from '@angular/router';
import { Icon } from '../../ui/icon';
import { provideKeys } from './commands';
import { Places } from './places';

/** On a narrow screen: four places, and a sheet with the rest. */
@Component({
  selector: 'cf-bottom-bar',
  imports: [Icon, RouterLink, RouterLinkActive],
  templateUrl: './bottom-bar.html',
  styleUrl: './bottom-bar.scss',
})
export class BottomBar {
  private readonly places = inject(Places);
  readonly find = output();
  protected readonly isOpen = signal(false);
  private readonly paths = ['/', '/contacts', '/deals/board', '/tasks'];
  protected readonly first = computed(() =>
    this.places.all().filter(({ path }) => this.paths.includes(path)),
  );
  protected readonly rest = computed(() =>
    this.places.all().filter(({ path }) => !this.paths.includes(path)),
  );

  constructor() {
    provideKeys([
      {
        title: 'Close the sheet',
        keys: 'escape',
        group: 'View',
        silent: true,
        when: () => this.isOpen(),
        run: () => this.isOpen.set(false),
      },
    ]);
  }
}
