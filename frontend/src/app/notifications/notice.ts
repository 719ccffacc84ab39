import { Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { When } from '../../ui/when';
import { linkTo, typeOfRecord } from '../records/registry';
import { Notifications, type Notice } from './notifications';

/** One notification: what happened, to which record, and whether it was read. */
@Component({
  selector: 'cf-notice',
  imports: [Icon, RouterLink, When],
  template: `
    <cf-icon class="kind" [name]="type()?.icon ?? 'bell'" [size]="16" />
    <p [class.new]="!notice().isRead">
      @if (!notice().isRead) {
        <span class="hidden-text">Unread:</span>
      }
      You were given the {{ type()?.one ?? 'record' }}
      @if (notice().relatedTo; as record) {
        <a [routerLink]="link()" (click)="open()">{{ record.label }}</a>
      } @else {
        <span class="soft">that you may not see any more</span>
      }
      <span class="soft when"><cf-when [at]="notice().createdAt" /></span>
    </p>
    <button
      type="button"
      class="icon-button small"
      [attr.aria-label]="notice().isRead ? 'Mark as unread' : 'Mark as read'"
      [title]="notice().isRead ? 'Mark as unread' : 'Mark as read'"
      (click)="notifications.mark(notice(), !notice().isRead)"
    >
      @if (notice().isRead) {
        <cf-icon name="check" [size]="14" />
      } @else {
        <span class="dot"></span>
      }
    </button>
  `,
  styles: `
    :host {
      display: grid;
      grid-template-columns: 20px minmax(0, 1fr) auto;
      align-items: start;
      gap: 8px;
      padding: 10px 12px 10px 14px;
    }
    .kind {
      margin-top: 2px;
      color: var(--cf-text-soft);
    }
    p {
      overflow-wrap: anywhere;
    }
    .new {
      font-weight: 500;
    }
    a {
      color: var(--cf-accent);
      text-decoration: underline;
      text-underline-offset: 3px;
    }
    .soft {
      color: var(--cf-text-soft);
      font-weight: 400;
    }
    .when {
      display: block;
      font-size: 0.75rem;
    }
    .dot {
      width: 8px;
      height: 8px;
      border-radius: 50%;
      background: var(--cf-accent-solid);
    }
  `,
})
export class NoticeView {
  readonly notice = input.required<Notice>();
  /** The person went to the record. */
  readonly opened = output();
  protected readonly notifications = inject(Notifications);
  protected readonly type = computed(() => typeOfRecord(this.notice().relatedToType));
  protected readonly link = computed(() => {
    const { relatedToType, relatedToId } = this.notice();
    return relatedToType && relatedToId ? linkTo(relatedToType, relatedToId) : undefined;
  });

  protected open(): void {
    if (!this.notice().isRead) void this.notifications.mark(this.notice(), true);
    this.opened.emit();
  }
}
