import { Component, computed, inject, output, signal } from '@angular/core';
import { Icon } from '../../ui/icon';
import { Attempt } from '../session/link-pages';
import { Session } from '../session/session';
import { ApiKeys, type ShownApiKey } from './api-keys';

const DAY = 86_400_000;
const PERIODS = [7, 30, 90, 365];
/** What a key may never do. */
const NEVER = new Set(['apiKeys:create', 'apiKeys:delete']);

/** Asks what a new key is for, what it may do, how long and from where. */
@Component({
  selector: 'cf-api-key-form',
  imports: [Icon],
  template: `
    <form
      class="part"
      novalidate
      aria-label="Make an API key"
      (submit)="$event.preventDefault(); make(name.value, days.value, networks.value)"
    >
      @if (attempt.problem(); as text) {
        <div class="notice danger" role="alert"><cf-icon name="warn" /> {{ text }}</div>
      }
      <div class="field">
        <label for="key-name">What it is for</label>
        <input #name id="key-name" class="input" maxlength="100" placeholder="Nightly export" />
      </div>
      <div class="field">
        <label for="key-days">Good for</label>
        <select #days id="key-days" class="input">
          @for (one of periods; track one) {
            <option [value]="one" [selected]="one === 90">{{ one }} days</option>
          }
        </select>
      </div>
      <div class="field">
        <label for="key-networks">
          Only from these addresses or networks <span class="soft">optional</span>
        </label>
        <input
          #networks
          id="key-networks"
          class="input"
          maxlength="1000"
          placeholder="203.0.113.0/24, 2001:db8::/32"
        />
      </div>
      <fieldset>
        <legend>What it may do</legend>
        @for (group of groups(); track group.of) {
          <p class="soft">{{ group.of }}</p>
          <div class="checks">
            @for (scope of group.scopes; track scope.name) {
              <label>
                <input
                  #box
                  type="checkbox"
                  class="check"
                  [checked]="chosen().has(scope.name)"
                  (change)="choose(scope.name, box.checked)"
                />
                {{ scope.verb }} <span class="hidden-text">{{ group.of }}</span>
              </label>
            }
          </div>
        }
      </fieldset>
      <div class="acts">
        <button class="button primary" [disabled]="attempt.busy()">Make the key</button>
        <button type="button" class="button" (click)="left.emit()">Cancel</button>
      </div>
    </form>
  `,
  styleUrl: './security.scss',
  styles: `
    fieldset {
      display: grid;
      gap: 6px;
      margin: 0;
      padding: 0;
      border: 0;
    }
    legend {
      padding: 0;
      font-weight: 500;
    }
  `,
})
export class ApiKeyForm {
  private readonly keys = inject(ApiKeys);
  private readonly session = inject(Session);
  readonly made = output<ShownApiKey>();
  readonly left = output();
  protected readonly periods = PERIODS;
  protected readonly chosen = signal<ReadonlySet<string>>(new Set());
  protected readonly attempt = new Attempt();
  /** What the person may do themselves, by what it is done to. */
  protected readonly groups = computed(() => {
    const mine = Object.keys(this.session.identity()?.permissions ?? {}).filter(
      (name) => /^\w+:\w+$/.test(name) && !NEVER.has(name),
    );
    const grouped = Map.groupBy(mine.sort(), (name) => name.split(':')[0]!);
    return [...grouped].map(([of, names]) => ({
      of,
      scopes: names.map((name) => ({ name, verb: name.split(':')[1]! })),
    }));
  });

  protected choose(name: string, isChosen: boolean): void {
    const next = new Set(this.chosen());
    if (isChosen) next.add(name);
    else next.delete(name);
    this.chosen.set(next);
  }

  protected make(name: string, days: string, networks: string): Promise<void> {
    return this.attempt.run(async () => {
      if (!name.trim()) throw new Error('Say what the key is for.');
      if (this.chosen().size === 0) throw new Error('Choose what the key may do.');
      const made = await this.keys.make({
        name: name.trim(),
        scopes: [...this.chosen()],
        expiresAt: new Date(Date.now() + Number(days) * DAY).toISOString(),
        allowedNetworks: networks.split(/[\s,]+/).filter(Boolean),
      });
      this.made.emit(made);
    });
  }
}
