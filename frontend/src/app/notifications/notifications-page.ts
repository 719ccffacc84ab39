import { Component, computed, effect, inject, input, signal, untracked } from '@angular/core';
import { Router } from '@angular/router';
import { Again } from '../../data/again';
import { apiError, type ApiError } from '../../data/api';
import { Bones } from '../../ui/bones';
import { countText } from '../../ui/format';
import { Failure } from '../../ui/failure';
import { InSight } from '../../ui/in-sight';
import { State } from '../../ui/state';
import { NoticeView } from './notice';
import { Notifications, type NoticePage } from './notifications';

/** Everything this person was told in the product. */
@Component({
  selector: 'cf-notifications-page',
  imports: [Bones, Failure, InSight, NoticeView, State],
  templateUrl: './notifications-page.html',
  styleUrl: './notifications-page.scss',
})
export class NotificationsPage {
  /** From the address: `unread`, or everything. */
  readonly show = input<string>();
  protected readonly notifications = inject(Notifications);
  private readonly router = inject(Router);
  protected readonly isUnread = computed(() => this.show() === 'unread');
  protected readonly page = signal<NoticePage | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly count = computed(() => {
    const page = this.page();
    return page ? countText(page.total, page.isCapped) : '';
  });
  private readonly again = new Again(() => this.read());
  private round = 0;
  /** How many were asked for: whoever overtakes that question answers it too. */
  private wanted = 0;

  constructor() {
    effect((done) => {
      this.isUnread();
      untracked(() => {
        this.page.set(undefined);
        this.wanted = 0;
        void this.read();
      });
      done(() => this.again.stop());
    });
    effect(() => {
      if (this.notifications.changed() > 0) untracked(() => this.again.ask());
    });
  }

  protected choose(show: 'unread' | null): void {
    void this.router.navigate([], { queryParams: { show }, queryParamsHandling: 'merge' });
  }

  /** As many as were shown, from the first on. */
  protected async read(): Promise<void> {
    await this.work(async () => {
      const wanted = Math.max(this.wanted, this.page()?.notices.length ?? 0);
      let page = await this.notifications.page(this.isUnread(), null);
      while (page.next !== null && page.notices.length < wanted) page = await this.longer(page);
      return page;
    });
  }
  protected async more(): Promise<void> {
    const page = this.page();
    if (!page?.next) return;
    this.wanted = page.notices.length + 1;
    await this.work(() => this.longer(page));
  }

  private async longer(page: NoticePage): Promise<NoticePage> {
    const further = await this.notifications.page(this.isUnread(), page.next);
    return { ...further, notices: [...page.notices, ...further.notices] };
  }
  /** Only the answer to what was asked last is shown. */
  private async work(ask: () => Promise<NoticePage>): Promise<void> {
    const round = ++this.round;
    try {
      const page = await ask();
      if (round !== this.round) return;
      this.page.set(page);
      this.error.set(undefined);
    } catch (error) {
      if (round === this.round) this.error.set(apiError(error));
    }
  }
}
