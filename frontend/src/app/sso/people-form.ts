import { Component, input, linkedSignal, output } from '@angular/core';
import { Icon } from '../../ui/icon';
import { domainsOf } from './presets';
import type { GroupRole, Provider, ProviderChange } from './providers';

const ROLES = ['admin', 'manager', 'member', 'viewer'] as const;

/** Whom the provider speaks for, which attributes say what, and which groups give which role. */
@Component({
  selector: 'cf-people-form',
  imports: [Icon],
  templateUrl: './people-form.html',
  styleUrls: ['../users/people.scss', './sso.scss'],
  styles: ':host { display: block; max-width: none; margin: 0; padding: 0; }',
})
export class PeopleForm {
  readonly provider = input.required<Provider>();
  readonly busy = input(false);
  readonly problem = input<string>();
  readonly save = output<ProviderChange>();

  protected readonly roles = ROLES;
  protected readonly domainsOf = domainsOf;
  protected readonly attributes = [
    { field: 'emailAttribute', title: 'E-mail address', usual: 'email, mail' },
    { field: 'firstNameAttribute', title: 'First name', usual: 'firstName, given_name' },
    { field: 'lastNameAttribute', title: 'Last name', usual: 'lastName, family_name, sn' },
    { field: 'groupsAttribute', title: 'Groups', usual: 'groups, memberOf' },
  ] as const;
  protected readonly pairs = linkedSignal(() => [...(this.provider().groupRoles ?? [])]);
  protected readonly changed = linkedSignal((): ProviderChange => {
    this.provider();
    return {};
  });

  protected set(field: (typeof this.attributes)[number]['field'], text: string): void {
    this.changed.update((given) => ({ ...given, [field]: text.trim() || null }));
  }
  protected addPair(): void {
    this.pairs.update((pairs) => [...pairs, { group: '', role: 'member' }]);
  }
  protected setPair(index: number, change: Partial<GroupRole>): void {
    this.pairs.update((pairs) =>
      pairs.map((pair, at) => (at === index ? { ...pair, ...change } : pair)),
    );
  }
  protected removePair(index: number): void {
    this.pairs.update((pairs) => pairs.filter((_, at) => at !== index));
  }
  protected submit(domains: string, isProvisioning: boolean, provisioningRole: string): void {
    const groupRoles = this.pairs().filter(({ group }) => group.trim() !== '');
    this.save.emit({
      ...this.changed(),
      domains: domainsOf(domains),
      isProvisioning,
      provisioningRole,
      groupRoles,
    });
  }
}
