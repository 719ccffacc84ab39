import { Component, computed, inject, signal } from '@angular/core';
import { apiError, type ApiError } from '../../data/api';
import { Failure } from '../../ui/failure';
import { Icon } from '../../ui/icon';
import { Toasts } from '../../ui/toasts';
import { When } from '../../ui/when';
import { Attempt } from '../session/link-pages';
import { Session } from '../session/session';
import { Settings, type HistoryEntry, type Setting } from '../settings/settings';
import { TimelineList } from '../timeline/timeline-list';
import { TimelineStore } from '../timeline/timeline-store';
import {
  SignInPolicies,
  consequence,
  type FactorPolicy,
  type SignInPolicy,
} from './sign-in-policy';

const PASSWORD = 'security.passwordMinLength';
const DAY_MS = 86_400_000;
/** Days people are given to add a factor. */
const graces = [
  { days: 7, title: 'In a week' },
  { days: 14, title: 'In two weeks' },
  { days: 30, title: 'In thirty days' },
] as const;

/** Who needs a second factor, how long passwords are, and how long a sign-in lasts. */
@Component({
  selector: 'cf-sign-in-policy-page',
  imports: [Failure, Icon, TimelineList, When],
  providers: [TimelineStore],
  templateUrl: './sign-in-policy-page.html',
  styleUrls: ['../users/people.scss', './sign-in-policy-page.scss'],
})
export class SignInPolicyPage {
  private readonly policies = inject(SignInPolicies);
  private readonly settings = inject(Settings);
  private readonly history = inject(TimelineStore);
  private readonly toasts = inject(Toasts);
  protected readonly policy = signal<SignInPolicy | undefined>(undefined);
  protected readonly length = signal<Setting | undefined>(undefined);
  protected readonly error = signal<ApiError | undefined>(undefined);
  /** The policy as it is edited. */
  protected readonly draft = signal<FactorPolicy | undefined>(undefined);
  protected readonly factors = new Attempt();
  protected readonly passwords = new Attempt();
  protected readonly graces = graces;
  protected readonly roles = computed(() => this.policy()?.people.map(({ role }) => role) ?? []);
  /** What was done to the length of passwords. */
  protected readonly lengths = signal<readonly HistoryEntry[]>([]);
  protected readonly mayChangeLength = computed(
    () => this.length()?.changeable.includes('tenant') === true,
  );
  protected readonly meaning = computed(() => {
    const [policy, draft] = [this.policy(), this.draft()];
    return policy && draft ? consequence(policy, draft) : '';
  });
  protected readonly isChanged = computed(
    () => JSON.stringify(this.draft()) !== JSON.stringify(this.policy()?.secondFactor),
  );
  protected readonly hasHistory = inject(Session).may('timeline:read');

  constructor() {
    void this.refresh();
  }

  protected async refresh(): Promise<void> {
    try {
      const [policy, settings, changes] = await Promise.all([
        this.policies.read(),
        this.settings.all([PASSWORD]),
        this.settings.history('tenant'),
      ]);
      this.policy.set(policy);
      this.draft.set(policy.secondFactor);
      this.length.set(settings[0]);
      this.lengths.set(changes.filter(({ key }) => key === PASSWORD));
      this.error.set(undefined);
      if (this.hasHistory) {
        await this.history.show({ recordTypes: ['tenant'], actions: ['mfa_policy_changed'] });
      }
    } catch (error) {
      this.error.set(apiError(error));
    }
  }
  protected needs(role: string): boolean {
    return this.draft()?.requiredRoles.includes(role) === true;
  }
  protected require(roles: readonly string[], isNeeded: boolean): void {
    const before = this.draft()!.requiredRoles;
    // In the order of the roles, so that taking a choice back leaves nothing to save.
    const requiredRoles = this.roles().filter((one) =>
      roles.includes(one) ? isNeeded : before.includes(one),
    );
    this.edit({ requiredRoles });
  }
  protected edit(change: Partial<FactorPolicy>): void {
    this.draft.update((draft) => draft && { ...draft, ...change });
  }
  protected begin(choice: string): void {
    const days = Number(choice);
    const at = new Date(Date.now() + days * DAY_MS).toISOString();
    const before = this.policy()!.secondFactor.enforcedFrom;
    this.edit({ enforcedFrom: choice === 'kept' ? before : days > 0 ? at : null });
  }
  protected isAhead(instant: string | null): boolean {
    return instant !== null && new Date(instant) > new Date();
  }
  protected save(): Promise<void> {
    return this.factors.run(async () => {
      await this.policies.change(this.draft()!);
      this.toasts.done('The policy is saved.');
      await this.refresh();
    });
  }
  protected setLength(text: string): Promise<void> {
    return this.passwords.run(async () => {
      await this.settings.change('tenant', PASSWORD, { value: Number(text) });
      this.toasts.done('The shortest password is saved.');
      await this.refresh();
    });
  }
}
