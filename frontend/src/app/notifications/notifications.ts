import { Injectable, inject, signal } from '@angular/core';
import { Again } from '../../data/again';
import { Api, ApiError, apiError } from '../../data/api';
import {
  BellDocument,
  MarkNotificationReadDocument,
  MarkNotificationUnreadDocument,
  NoticesDocument,
  type NoticeFragment,
} from '../../data/generated/graphql';
import { Graphql } from '../../data/graphql';
import { Live } from '../../data/live';
import { Toasts } from '../../ui/toasts';

export type Notice = NoticeFragment;

/** Some notifications, the latest first. */
export interface NoticePage {
  readonly notices: readonly Notice[];
  readonly next: string | null;
  readonly total: number;
  readonly isCapped: boolean;
}

const PAGE = 30;

/** What this person is told in the product; always as it is now. */
@Injectable({ providedIn: 'root' })
export class Notifications {
  private readonly api = inject(Api);
  private readonly graphql = inject(Graphql);
  private readonly live = inject(Live);
  private readonly toasts = inject(Toasts);
  private readonly newest = signal<readonly Notice[] | undefined>(undefined);
  private readonly counted = signal({ count: 0, isCapped: false });
  private readonly failure = signal<ApiError | undefined>(undefined);
  private readonly rounds = signal(0);
  private readonly again = new Again(() => this.read());
  private position: string | null = null;

  /** The few of the bell; undefined until they are read. */
  readonly latest = this.newest.asReadonly();
  readonly unread = this.counted.asReadonly();
  readonly error = this.failure.asReadonly();
  /** Counts how often they changed. */
  readonly changed = this.rounds.asReadonly();

  /** Keeps them as they are on the server until the answer is called. */
  follow(): () => void {
    void this.read();
    const leave = this.live.watch({
      what: { to: 'notifications' },
      changed: (changes) => this.noticed(changes.at(-1)!.position),
      missed: () => this.noticed(null),
    });
    return () => {
      leave();
      this.again.stop();
      this.newest.set(undefined);
      this.counted.set({ count: 0, isCapped: false });
      this.position = null;
    };
  }

  async read(): Promise<void> {
    try {
      const { notifications, unread } = await this.graphql.run(BellDocument, {
        atLeast: this.position,
      });
      this.newest.set(notifications.nodes);
      this.counted.set({ count: unread.totalCount, isCapped: unread.totalCapped });
      this.failure.set(undefined);
    } catch (error) {
      this.failure.set(apiError(error));
    }
  }

  async page(onlyUnread: boolean, after: string | null): Promise<NoticePage> {
    const filter = onlyUnread ? { isRead: { eq: false } } : {};
    const variables = { first: PAGE, after, filter, atLeast: this.position };
    const { notifications } = await this.graphql.run(NoticesDocument, variables);
    const { nodes, pageInfo, totalCount, totalCapped } = notifications;
    const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    return { notices: nodes, next, total: totalCount, isCapped: totalCapped };
  }

  async mark({ id }: Notice, isRead: boolean): Promise<void> {
    const document = isRead ? MarkNotificationReadDocument : MarkNotificationUnreadDocument;
    try {
      const { answer } = await this.graphql.run(document, { id });
      if (answer.__typename === 'Refused') this.toasts.problem(answer.message);
      else this.noticed(answer.position);
    } catch (error) {
      this.toasts.problem(apiError(error).message);
    }
  }

  async markAll(): Promise<void> {
    try {
      const { read } = await this.api.json<{ read: number }>('/api/v1/notifications/read', {
        method: 'PUT',
      });
      this.toasts.done(read === 1 ? 'One marked as read.' : `${read} marked as read.`);
      this.noticed(null);
    } catch (error) {
      this.toasts.problem(apiError(error).message);
    }
  }

  private noticed(position: string | null): void {
    this.position = position ?? this.position;
    this.again.ask();
    this.rounds.update((round) => round + 1);
  }
}
