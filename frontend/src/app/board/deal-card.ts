import { Component, computed, inject, input } from '@angular/core';
import { MatTooltip } from '@angular/material/tooltip';
import { RouterLink } from '@angular/router';
import { Avatar } from '../../ui/avatar';
import { dayOf, moneyText, shortDayText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { Time } from '../frame/time';
import type { Card, Column } from './board-store';
import type { NextTask } from './next-tasks';

const DAY = 86_400_000;

/** A deal on the board: what it is worth, whose it is and how long it has been here. */
@Component({
  selector: 'cf-deal-card',
  imports: [Avatar, Icon, MatTooltip, RouterLink],
  templateUrl: './deal-card.html',
  styleUrl: './deal-card.scss',
})
export class DealCard {
  private readonly time = inject(Time);
  readonly card = input.required<Card>();
  readonly stage = input.required<Column['stage']>();
  readonly task = input<NextTask>();

  protected readonly amount = computed(() => moneyText(this.card().amount));
  protected readonly days = computed(() => {
    const since = this.card().stageChangedAt;
    return since ? Math.floor((this.time.now().getTime() - Date.parse(since)) / DAY) : undefined;
  });
  /** How long it has been in its stage, in few characters. */
  protected readonly age = computed(() => {
    const days = this.days();
    if (days === undefined) return '';
    if (days < 60) return days === 0 ? 'today' : `${days} d`;
    return days < 730 ? `${Math.round(days / 30.4)} mo` : `${Math.floor(days / 365)} y`;
  });
  protected readonly isRotting = computed(() => {
    const { rottingDays, kind } = this.stage();
    const days = this.days();
    return kind === 'open' && rottingDays !== null && days !== undefined && days > rottingDays;
  });
  protected readonly close = computed(() => {
    const day = this.card().expectedCloseDate;
    return day && this.stage().kind === 'open' ? shortDayText(day) : undefined;
  });
  protected readonly isLate = computed(() => {
    const day = this.card().expectedCloseDate;
    return day !== null && day < this.time.now().toISOString().slice(0, 10);
  });
  protected readonly due = computed(() => {
    const at = this.task()?.dueDate;
    return at && shortDayText(dayOf(at), this.time.now());
  });
  protected readonly isTaskLate = computed(() => {
    const at = this.task()?.dueDate;
    return at ? Date.parse(at) < this.time.now().getTime() : false;
  });
}
