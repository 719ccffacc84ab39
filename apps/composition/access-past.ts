import { fold, streamId, type Aggregate } from '#kernel/aggregate';
import { scopeOf, type Grants } from '#kernel/context';
import type { ReadModel } from '#kernel/read-model';
import type { Share } from '#kernel/sharing';
import { grantsOf } from '#identity/access/grants';
import { systemRoles } from '#identity/access/roles';
import { role, type RoleState } from '#identity/role/role';
import { peopleOf, team, type TeamState } from '#identity/team/team';
import type { UserState } from '#identity/user/user';
import type { Platform } from '#platform/platform';
import { sharesIn } from '#platform/projections/visibility';
import type { AccessQuestion, AccessSource, AccessTeam } from './explain-access.js';

type Asked = Omit<AccessQuestion, 'userId'>;

/** Reads the past of one workspace from its log; what is about nobody in particular only once. */
export class AccessPast {
  private readonly known = new Map<string, Promise<unknown>>();

  constructor(
    private readonly platform: Platform,
    private readonly question: Asked,
  ) {}

  /** An aggregate as it was; deleted and archived ones included. */
  async state<State>(aggregate: object, id: string): Promise<State> {
    const { store, codec } = this.platform;
    const { tenantId, at } = this.question;
    const known = aggregate as Aggregate;
    const { events } = await store.load(tenantId, streamId(known.category, id));
    const before = (await codec.decode(events)).filter(({ occurredAt }) => occurredAt <= at);
    return fold(known, before) as State;
  }

  /** Every record of a kind there ever was; rows stay when a record is deleted. */
  private all<State>(
    table: 'rm_roles' | 'rm_teams',
    aggregate: object,
  ): Promise<[string, State][]> {
    const all = this.known.get(table) ?? this.readAll(table, aggregate);
    this.known.set(table, all);
    return all as Promise<[string, State][]>;
  }

  private async readAll<State>(table: string, aggregate: object): Promise<[string, State][]> {
    const { tenantId } = this.question;
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ id: string }>(`SELECT id FROM ${table} WHERE tenant_id = $1 ORDER BY id`, [
        tenantId,
      ]),
    );
    return Promise.all(
      rows.map(async ({ id }): Promise<[string, State]> => [id, await this.state(aggregate, id)]),
    );
  }

  /** The roles that grant the action, the system role first. */
  async sources(
    userId: string,
    person: Exclude<UserState, { status: 'absent' }>,
  ): Promise<AccessSource[]> {
    const { action } = this.question;
    const source = (
      grants: Grants,
      of: Pick<AccessSource, 'kind' | 'id' | 'name'>,
    ): AccessSource[] => {
      const scope = scopeOf(grants, action);
      return scope ? [{ ...of, scope }] : [];
    };
    const roles = await this.all<RoleState>('rm_roles', role);
    const held = roles.flatMap(([id, state]) =>
      state.status === 'active' && state.memberIds.includes(userId)
        ? source(grantsOf(state.values.grants), { kind: 'role', id, name: state.values.name })
        : [],
    );
    const own = { kind: 'system_role', id: null, name: person.role } as const;
    return [...source(systemRoles[person.role].grants, own), ...held];
  }

  /** Teams in which all of these work or which one of them leads. */
  async teamsOf(...people: readonly string[]): Promise<readonly AccessTeam[]> {
    const teams = await this.all<TeamState>('rm_teams', team);
    return teams.flatMap(([id, state]) => {
      const inIt = peopleOf(state);
      if (state.status === 'absent' || !people.every((one) => inIt.includes(one))) return [];
      return [{ id, name: state.values.name }];
    });
  }
}

/** The record asked about, as it was. */
export interface Found {
  readonly exists: boolean;
  readonly ownerId: string | null;
  readonly shares: readonly Share[];
}

/** The owner a rule looks at: that of the row for reading, that of the record for changing. */
export async function recordAt(
  platform: Platform,
  past: AccessPast,
  model: ReadModel,
  { tenantId, action, at }: Asked,
  id: string,
): Promise<Found> {
  const aggregate = platform.registry.aggregates.get(model.category);
  const row = await platform.reader.fold(tenantId, model, id, { asOf: at });
  const exists = row !== null && !row['deletedAt'];
  if (/:(read|export)$/.test(action) || !aggregate) {
    return {
      exists,
      ownerId: model.owner ? ((row?.[model.owner] as string | null) ?? null) : null,
      shares: row ? sharesIn(row) : [],
    };
  }
  const state = await past.state<unknown>(aggregate, id);
  // Sharing opens a record to be changed, but neither to be deleted nor to be shared further.
  const shares = action.endsWith(':update') ? (aggregate.shares?.(state) ?? []) : [];
  const open = shares.filter(({ access }) => access === 'change');
  return { exists, ownerId: aggregate.owner?.(state) ?? null, shares: open };
}
