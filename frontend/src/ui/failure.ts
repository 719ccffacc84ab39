import { Component, computed, input, output } from '@angular/core';
import type { IconName } from './icons';
import { State } from './state';

/** What is known of a request that failed; `data/api` throws such. */
interface Problem {
  readonly message: string;
  readonly status: number;
  readonly forbidden: boolean;
  readonly offline: boolean;
  readonly requestId?: string;
}

/** What stands where data would, when it could not be read: why, and a way to ask again. */
@Component({
  selector: 'cf-failure',
  imports: [State],
  template: `
    <cf-state
      [icon]="icon()"
      [title]="of().forbidden ? (forbidden() ?? title()) : title()"
      [text]="of().message"
      [requestId]="of().requestId"
      [action]="mayPass() ? 'Try again' : undefined"
      (act)="again.emit()"
    />
  `,
  styles: ':host { display: contents }',
})
export class Failure {
  readonly of = input.required<Problem>();
  readonly title = input.required<string>();
  /** The title instead, where one's rights do not reach. */
  readonly forbidden = input<string>();
  readonly again = output();

  protected readonly icon = computed<IconName>(() =>
    this.of().forbidden ? 'lock' : this.of().offline ? 'offline' : 'warn',
  );
  protected readonly mayPass = computed(() => !this.of().forbidden && this.of().status !== 404);
}
