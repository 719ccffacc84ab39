import { Component, computed, inject, input, linkedSignal, output, signal } from '@angular/core';
import { Icon } from '../../ui/icon';
import { Providers, type Owner, type Provider, type ProviderChange } from './providers';

/** Whether people may sign in through the provider, and whether they must. */
@Component({
  selector: 'cf-use-form',
  imports: [Icon],
  templateUrl: './use-form.html',
  styleUrls: ['../users/people.scss', './sso.scss'],
  styles: ':host { display: block; max-width: none; margin: 0; padding: 0; }',
})
export class UseForm {
  readonly provider = input.required<Provider>();
  readonly busy = input(false);
  readonly problem = input<string>();
  readonly save = output<ProviderChange>();

  protected readonly owners = signal<readonly Owner[]>([]);
  protected readonly isForced = linkedSignal(() => this.provider().isForced === true);
  protected readonly chosen = linkedSignal(() => [...(this.provider().breakGlassIds ?? [])]);
  protected readonly domains = computed(() => this.provider().domains.join(', '));

  constructor() {
    void inject(Providers)
      .owners()
      .then(
        (owners) => this.owners.set(owners),
        () => undefined,
      );
  }

  protected choose(id: string, isChosen: boolean): void {
    this.chosen.update((ids) => [...ids.filter((one) => one !== id), ...(isChosen ? [id] : [])]);
  }
  protected force(): void {
    this.save.emit({ isForced: this.isForced(), breakGlassIds: this.chosen() });
  }
}
