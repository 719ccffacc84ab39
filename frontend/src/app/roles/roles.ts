import { Injectable, computed, inject, signal } from '@angular/core';
import { Api, apiError, type ApiError } from '../../data/api';
import { Toasts, type ToastAction } from '../../ui/toasts';

export const scopes = ['own', 'team', 'all'] as const;
export type Scope = (typeof scopes)[number];

export interface Grant {
  readonly permission: string;
  readonly scope: Scope;
}

/** A role of every workspace, or one of this workspace's own. */
export interface Role {
  /** Null for a role every workspace has. */
  readonly id: string | null;
  readonly name: string;
  readonly description: string | null;
  readonly grants: readonly Grant[];
  readonly memberIds: readonly string[];
}

/** What a role does not see or change of one kind of record. */
export interface FieldLimit {
  /** Name of a system role, or id of another. */
  readonly role: string;
  readonly collection: string;
  readonly hidden: readonly string[];
  readonly readOnly: readonly string[];
}

interface LimitableFields {
  readonly collection: string;
  readonly hideable: readonly string[];
  readonly lockable: readonly string[];
}

interface Catalogue {
  readonly fields: readonly LimitableFields[];
  readonly permissions: readonly string[];
  readonly roles: readonly Pick<Role, 'name' | 'grants' | 'description'>[];
}

/** What a role goes by: its id, or the name of a role every workspace has. */
export const keyOf = ({ id, name }: Pick<Role, 'id' | 'name'>): string => id ?? name;

/** How far a role reaches with a permission; undefined where it does not. */
export function scopeIn({ grants }: Pick<Role, 'grants'>, permission: string): Scope | undefined {
  return grants.find((one) => one.permission === permission)?.scope;
}

/** The grants with one of them changed; no scope takes it away. */
export function withScope(
  grants: readonly Grant[],
  permission: string,
  scope: Scope | undefined,
): readonly Grant[] {
  const rest = grants.filter((one) => one.permission !== permission);
  return scope ? [...rest, { permission, scope }] : rest;
}

/** The roles of the workspace: read, changed, given to people. */
@Injectable()
export class Roles {
  private readonly api = inject(Api);
  private readonly toasts = inject(Toasts);
  private readonly catalogue = signal<Catalogue | undefined>(undefined);
  private readonly own = signal<readonly Role[]>([]);
  private readonly limits = signal<readonly FieldLimit[]>([]);
  private readonly failed = signal<ApiError | undefined>(undefined);
  readonly error = this.failed.asReadonly();
  readonly fields = computed(() => this.catalogue()?.fields ?? []);
  readonly permissions = computed(() => this.catalogue()?.permissions ?? []);
  /** Undefined until they were read; the workspace's own come last. */
  readonly all = computed<readonly Role[] | undefined>(() => {
    const known = this.catalogue();
    if (!known) return undefined;
    const system = known.roles.map((one) => ({ ...one, id: null, memberIds: [] }));
    return [...system, ...this.own().toSorted((a, b) => a.name.localeCompare(b.name))];
  });

  async load(): Promise<void> {
    try {
      const [catalogue, own, tenant] = await Promise.all([
        this.api.json<Catalogue>('/api/v1/access/roles'),
        this.api.json<readonly Role[]>('/api/v1/roles?limit=100'),
        this.api.json<{ readonly fieldLimits: readonly FieldLimit[] }>('/api/v1/tenant'),
      ]);
      this.catalogue.set(catalogue);
      this.own.set(own);
      this.limits.set(tenant.fieldLimits);
      this.failed.set(undefined);
    } catch (error) {
      this.failed.set(apiError(error));
    }
  }

  /** A new role without permissions; undefined when it was refused. */
  async create(name: string): Promise<Role | undefined> {
    const made = await this.write('POST', '/roles', { name, grants: [] });
    if (made) this.toasts.done(`${name} created. Choose what it allows.`);
    return made;
  }

  async change(role: Role, changes: Partial<Role>, done: string): Promise<void> {
    const before = Object.fromEntries(
      Object.keys(changes).map((name) => [name, role[name as keyof Role]]),
    );
    if (!(await this.write('PATCH', `/roles/${role.id}`, changes))) return;
    this.toasts.done(
      done,
      this.undo(() => this.write('PATCH', `/roles/${role.id}`, before)),
    );
  }

  async remove(role: Role): Promise<boolean> {
    try {
      await this.api.json(`/api/v1/roles/${role.id}`, { method: 'DELETE' });
    } catch (error) {
      this.toasts.problem(apiError(error).message);
      return false;
    }
    this.own.update((all) => all.filter(({ id }) => id !== role.id));
    this.toasts.done(
      `${role.name} deleted.`,
      this.undo(() => this.write('POST', `/roles/${role.id}/restore`, {})),
    );
    return true;
  }

  async give(role: Role, userId: string): Promise<void> {
    if (!(await this.write('POST', `/roles/${role.id}/members`, { userId }))) return;
    this.toasts.done(
      `${role.name} given.`,
      this.undo(() => this.take(role, userId)),
    );
  }

  async take(role: Role, userId: string): Promise<void> {
    if (!(await this.write('DELETE', `/roles/${role.id}/members/${userId}`))) return;
    this.toasts.done(
      `${role.name} taken back.`,
      this.undo(() => this.give(role, userId)),
    );
  }

  /** What a role does not see or change of a kind of record; nothing where nobody said so. */
  limitOf(role: string, collection: string): FieldLimit {
    const known = this.limits().find((one) => one.role === role && one.collection === collection);
    return known ?? { role, collection, hidden: [], readOnly: [] };
  }

  async limit(limit: FieldLimit, done: string): Promise<void> {
    const before = this.limitOf(limit.role, limit.collection);
    if (!(await this.putLimit(limit))) return;
    this.toasts.done(
      done,
      this.undo(() => this.putLimit(before)),
    );
  }

  private async putLimit(limit: FieldLimit): Promise<boolean> {
    try {
      const options = { method: 'PUT', body: limit };
      const { fieldLimits } = await this.api.json<{ fieldLimits: readonly FieldLimit[] }>(
        '/api/v1/tenant/field-limit',
        options,
      );
      this.limits.set(fieldLimits);
      return true;
    } catch (error) {
      this.refused(error);
      return false;
    }
  }

  private undo(back: () => Promise<unknown>): ToastAction {
    return { label: 'Undo', run: () => void back() };
  }

  /** Sends a change and takes the role over as the server has it now. */
  private async write(method: string, path: string, body?: object): Promise<Role | undefined> {
    try {
      const options = { method, ...(body ? { body } : {}) };
      const changed = await this.api.json<Role>(`/api/v1${path}`, options);
      this.own.update((all) => [...all.filter(({ id }) => id !== changed.id), changed]);
      return changed;
    } catch (error) {
      this.refused(error);
      return undefined;
    }
  }

  private refused(error: unknown): void {
    const { message, details } = apiError(error);
    this.toasts.problem([message, details[0]?.message].filter(Boolean).join(' '));
    // What is shown may be older than what was refused.
    void this.load();
  }
}
