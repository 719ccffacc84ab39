import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { apiError, type ApiError } from '../../data/api';
import { Chip } from '../../ui/chip';
import { Failure } from '../../ui/failure';
import { numberText } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { When } from '../../ui/when';
import { bytesText } from '../imports/import-file';
import { isNear, Plan, type PlanUsage } from './plan';

/** What the workspace has bought, and how much of it is used. */
@Component({
  selector: 'cf-plan-page',
  imports: [Chip, Failure, Icon, RouterLink, When],
  templateUrl: './plan-page.html',
  styleUrl: './plan-page.scss',
})
export class PlanPage {
  private readonly plan = inject(Plan);
  protected readonly usage = signal<PlanUsage | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  protected readonly number = numberText;
  protected readonly bytes = bytesText;
  protected readonly isNear = isNear;

  constructor() {
    void this.refresh();
  }

  protected async refresh(): Promise<void> {
    try {
      this.usage.set(await this.plan.usage());
      this.error.set(undefined);
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
}
