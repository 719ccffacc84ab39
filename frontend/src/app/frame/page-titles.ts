import { Injectable, inject } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { TitleStrategy, type RouterStateSnapshot } from '@angular/router';

/** What the browser's tab and history call a page. */
@Injectable({ providedIn: 'root' })
export class PageTitles extends TitleStrategy {
  private readonly title = inject(Title);

  override updateTitle(state: RouterStateSnapshot): void {
    const title = this.buildTitle(state);
    const words = title ? `${title[0]!.toUpperCase()}${title.slice(1)} · ` : '';
    this.title.setTitle(`${words}ClientForge`);
  }
}
