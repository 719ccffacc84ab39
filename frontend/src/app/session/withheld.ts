import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { Session } from './session';

/** Says that the plan withholds something the person could do otherwise, and what to do. */
@Component({
  selector: 'cf-withheld',
  imports: [Icon, RouterLink],
  template: `
    @if (found(); as one) {
      <div class="notice" role="note">
        <cf-icon name="lock" [size]="16" />
        <p>
          {{ one.message }} {{ one.remedy }}
          @if (mayReadPlan) {
            <a class="link" routerLink="/plan">See plan and usage</a>
          }
        </p>
      </div>
    }
  `,
})
export class Withheld {
  private readonly session = inject(Session);
  /** What cannot be done: `roles:create`. */
  readonly permission = input.required<string>();
  protected readonly found = computed(() => this.session.withheld(this.permission()));
  protected readonly mayReadPlan = this.session.may('tenant:update');
}
