import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Component, computed, inject, input, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Icon } from '../../ui/icon';
import { Picker } from '../../ui/picker';
import { Failure } from '../../ui/failure';
import { Lookup } from '../records/lookup';
import { Names } from '../records/names';
import { Session } from '../session/session';
import { Withheld } from '../session/withheld';
import { FieldRights } from './field-rights';
import { PermissionMatrix } from './permission-matrix';
import { keyOf, Roles, withScope, type Role, type Scope } from './roles';
import { WhoMay } from './who-may';

/** The roles of the workspace, what each allows and who has it. */
@Component({
  selector: 'cf-roles-page',
  imports: [
    CdkConnectedOverlay,
    CdkOverlayOrigin,
    FieldRights,
    Icon,
    PermissionMatrix,
    Picker,
    RouterLink,
    Failure,
    WhoMay,
    Withheld,
  ],
  providers: [Roles],
  templateUrl: './roles-page.html',
  styleUrls: ['../../ui/beside-list.scss', './roles-page.scss'],
})
export class RolesPage {
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  private readonly names = inject(Names);
  protected readonly roles = inject(Roles);
  protected readonly searchUsers = inject(Lookup).in('users');
  /** Id of a role of the workspace's own, or name of a system role, in the address. */
  readonly role = input<string>();
  protected readonly isNaming = signal(false);
  protected readonly isGiving = signal(false);
  protected readonly key = keyOf;
  protected readonly chosen = computed(() => {
    const all = this.roles.all() ?? [];
    return all.find((one) => this.key(one) === this.role()) ?? all[0];
  });
  protected readonly mayCreate = computed(() => this.session.may('roles:create'));
  protected readonly mayGive = computed(() => this.session.may('users:administer'));
  protected readonly mayChange = computed(
    () => this.session.may('roles:update') && this.chosen()?.id !== null,
  );
  /** Of the roles every workspace has, the fields can be limited as well. */
  protected readonly mayLimit = computed(() => this.session.may('roles:update'));
  protected readonly mayDelete = computed(
    () => this.session.may('roles:delete') && this.chosen()?.id !== null,
  );

  constructor() {
    void this.roles.load();
  }

  protected nameOf(userId: string): string {
    return this.names.of('users', userId) ?? '…';
  }
  protected async create(name: string): Promise<void> {
    if (!name.trim()) return;
    const made = await this.roles.create(name.trim());
    if (!made) return;
    this.isNaming.set(false);
    this.show(made.id);
  }
  protected rename(role: Role, text: string): void {
    const name = text.trim();
    if (name && name !== role.name) void this.roles.change(role, { name }, `Renamed to ${name}.`);
  }
  protected describe(role: Role, text: string): void {
    const description = text.trim() || null;
    if (description === role.description) return;
    void this.roles.change(role, { description }, 'Description changed.');
  }
  protected grant(role: Role, permission: string, scope: Scope | undefined): void {
    const grants = withScope(role.grants, permission, scope);
    const done = scope ? `${role.name}: ${permission} for ${scope}.` : `${permission} taken away.`;
    void this.roles.change(role, { grants }, done);
  }
  protected async remove(role: Role): Promise<void> {
    if (await this.roles.remove(role)) this.show(null);
  }
  protected give(role: Role, userId: string | null): void {
    this.isGiving.set(false);
    if (userId) void this.roles.give(role, userId);
  }
  private show(role: string | null): void {
    void this.router.navigate([], { queryParams: { role } });
  }
}
