import type { Accepted } from '#kernel/command';
import { hashId, uuidv7 } from '#kernel/ids';
import type { Row } from '#kernel/read-model';
import { userNameKey } from '#event-schemas/identity/user-directory.events';
import { emailKey } from '#event-schemas/identity/user.events';
import type { UserState } from '#identity/user/user';
import { teams } from '#projections/identity/teams';
import { users } from '#projections/identity/users';
import { Accounts } from '../auth/accounts.js';
import type { Json } from './paths.js';
import { ScimProblem } from './problem.js';
import { filled, Resources, type Directory, type Read, type Selection } from './resources.js';
import { ENTERPRISE, userType } from './schemas.js';
import {
  differing,
  nameOf,
  ownValues,
  wantedUser,
  writtenName,
  type WantedUser,
} from './user-values.js';

const taken = (userName: string) =>
  new ScimProblem(409, `There is a person ${userName} in this workspace already.`, 'uniqueness');

const ownerStays = new ScimProblem(
  403,
  'The person owns the workspace: address and access of owners are changed in the workspace.',
);

/** People of the workspace as a directory sees and changes them. */
export class ScimUsers extends Resources {
  readonly type = userType;
  protected readonly model = users;
  protected readonly seen = 'r.directory_removed_at IS NULL';
  private readonly accounts = new Accounts(this.platform);

  protected isSeen(row: Row): boolean {
    return !row['directoryRemovedAt'];
  }

  narrowed(values: ReadonlyMap<string, string>): Selection {
    const [id, userName] = [values.get('id'), values.get('userName')];
    const [externalId, email] = [values.get('externalId'), values.get('emails.value')];
    if (id !== undefined) return { where: 'r.id::text = lower($2)', values: [id] };
    if (userName !== undefined) {
      const where = 'lower(r.user_name) = lower($2) OR lower(r.email) = lower($2)';
      return { where, values: [userName] };
    }
    if (externalId !== undefined) return { where: 'r.external_id = $2', values: [externalId] };
    if (email !== undefined) return { where: 'lower(r.email) = lower($2)', values: [email] };
    return {};
  }

  protected async shown(directory: Directory, rows: readonly Row[]): Promise<readonly Json[]> {
    const groups = await this.groupsOf(
      directory,
      rows.map((row) => String(row['id'])),
    );
    return rows.map((row) => this.resourceOf(row, groups.get(String(row['id'])) ?? []));
  }

  private resourceOf(row: Row, groups: readonly { id: string; name: string }[]): Json {
    const enterprise = filled({
      employeeNumber: row['employeeNumber'],
      costCenter: row['costCenter'],
      organization: row['organization'],
      division: row['division'],
      department: row['department'],
      manager: row['managerId']
        ? { value: row['managerId'], $ref: this.addressOf('/Users', row['managerId']) }
        : undefined,
    });
    const isEnterprise = Object.keys(enterprise).length > 0;
    const one = (value: unknown) => (value ? [{ value, type: 'work' }] : undefined);
    return filled({
      schemas: [userType.schema.id, ...(isEnterprise ? [ENTERPRISE] : [])],
      id: row['id'],
      externalId: row['externalId'],
      userName: nameOf(row),
      name: {
        formatted: writtenName(row),
        familyName: row['lastName'],
        givenName: row['firstName'],
      },
      displayName: row['displayName'],
      title: row['title'],
      locale: row['locale'],
      timezone: row['timeZone'],
      active: row['isActive'] === true,
      emails: one(row['email']),
      phoneNumbers: one(row['phone']),
      groups:
        groups.length > 0
          ? groups.map(({ id, name }) => ({
              value: id,
              $ref: this.addressOf('/Groups', id),
              display: name,
            }))
          : undefined,
      roles: [{ value: row['role'], primary: true }],
      ...(isEnterprise ? { [ENTERPRISE]: enterprise } : {}),
    });
  }

  private addressOf(endpoint: string, id: unknown): string {
    return `${this.base}${endpoint}/${String(id)}`;
  }

  private async groupsOf({ tenantId }: Directory, ids: readonly string[]) {
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ id: string; name: string; member_ids: string[] }>(
        `SELECT id, name, member_ids FROM rm_teams
          WHERE tenant_id = $1 AND deleted_at IS NULL AND archived_at IS NULL
            AND member_ids && $2::text[] ORDER BY id`,
        [tenantId, ids],
      ),
    );
    const found = new Map<string, { id: string; name: string }[]>();
    for (const { id, name, member_ids } of rows) {
      for (const member of member_ids) {
        found.set(member, [...(found.get(member) ?? []), { id, name }]);
      }
    }
    return found;
  }

  /** Adds a person, or takes back one this or another directory had taken out. */
  async create(directory: Directory, given: Json): Promise<string> {
    const { tenantId, connectionId, values } = directory;
    const wanted = wantedUser(given);
    const role = values.defaultRole ?? 'member';
    const { userName } = wanted.directory;
    // The id follows from the name: what was cut off in between is completed by the next request.
    const derived = hashId('scim-user', tenantId, connectionId, userNameKey(userName));
    const holder = await this.holderOf(tenantId, wanted);
    if (!holder) {
      const isFree = (await this.person(tenantId, derived)).status === 'absent';
      const id = isFree ? derived : uuidv7();
      const status = wanted.active === false ? 'not_invited' : 'active';
      await this.run(directory, 'CreateUser', { ...wanted.person, role, status }, id);
      await this.complete(directory, id, wanted);
      return id;
    }
    const { id, state } = holder;
    const isUnfinished = id === derived && !state.directory;
    if (!state.isRemoved && !isUnfinished) throw taken(userName);
    if (state.isRemoved) await this.takeBack(directory, id, state.role, role);
    const now = await this.person(tenantId, id);
    const active = wanted.active ?? true;
    await this.change(directory, id, now as typeof state, { ...wanted, active });
    return id;
  }

  /** Whoever comes back has the rights of somebody new, not those they left with. */
  private async takeBack(directory: Directory, id: string, before: string, role: string) {
    await this.run(directory, 'ReactivateUser', {}, id);
    if (before !== role) await this.run(directory, 'ChangeUserRole', { role }, id);
  }

  async update(directory: Directory, id: string, given: Json, before: Read): Promise<void> {
    const wanted = wantedUser(given, before.row);
    const state = await this.person(directory.tenantId, id);
    if (state.status === 'absent') throw new ScimProblem(404, `There is no User ${id}.`);
    const holder = await this.holderOf(directory.tenantId, wanted, id);
    if (holder) throw taken(wanted.directory.userName);
    await this.change(directory, id, state, wanted, before.revision);
  }

  /** Shuts a person out, takes them from their teams, and lets the directory forget them. */
  async remove(directory: Directory, { row, revision }: Read): Promise<void> {
    const id = String(row['id']);
    if (row['role'] === 'owner') throw ownerStays;
    const { connectionId: scimConnectionId } = directory;
    await this.run(directory, 'DeactivateUser', {}, id, revision);
    let left: Accepted | undefined;
    for (const team of (await this.groupsOf(directory, [id])).get(id) ?? []) {
      left = await this.run(directory, 'RemoveTeamMember', { userId: id }, team.id);
    }
    // Nor do rights come back with them that this workspace had given.
    for (const roleId of await this.ownRolesOf(directory, id)) {
      await this.run(directory, 'TakeRole', { userId: id }, roleId);
    }
    await this.shownBy(directory, left, teams);
    const gone = await this.run(directory, 'RecordDirectoryRemoval', { scimConnectionId }, id);
    await this.shownBy(directory, gone);
  }

  /** Roles beside the system role. */
  private async ownRolesOf({ tenantId }: Directory, id: string): Promise<readonly string[]> {
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ id: string }>(
        `SELECT id FROM rm_roles
          WHERE tenant_id = $1 AND deleted_at IS NULL AND $2 = ANY (member_ids)`,
        [tenantId, id],
      ),
    );
    return rows.map((row) => row.id);
  }

  /** Changes what differs: the person first, what only the directory says, then the access. */
  private async change(
    directory: Directory,
    id: string,
    state: Exclude<UserState, { status: 'absent' }>,
    wanted: WantedUser,
    revision?: number,
  ): Promise<void> {
    const changes = differing(ownValues(state.values), wanted.person);
    const isActive = state.status === 'active';
    const turns = wanted.active !== undefined && wanted.active !== isActive;
    if (state.role === 'owner' && ('email' in changes || turns)) throw ownerStays;
    if (Object.keys(changes).length > 0) {
      await this.run(directory, 'ChangeUser', changes, id, revision);
    }
    await this.complete(directory, id, wanted, turns);
  }

  /** What follows once the person is there. */
  private async complete(
    directory: Directory,
    id: string,
    { directory: said, active }: WantedUser,
    turns = false,
  ): Promise<void> {
    const input = { scimConnectionId: directory.connectionId, ...said };
    let last = await this.run(directory, 'RecordUserDirectory', input, id);
    if (turns && active === false) last = await this.run(directory, 'DeactivateUser', {}, id);
    if (turns && active) {
      await this.run(directory, 'ReactivateUser', {}, id);
      last = await this.run(directory, 'ActivateUser', {}, id);
    }
    await this.shownBy(directory, last);
  }

  /** Who else has the name or the address; those the directory took out come last. */
  private async holderOf(tenantId: string, { directory, person }: WantedUser, exceptId?: string) {
    const asked = [
      { scope: 'directory-user-name', value: userNameKey(directory.userName) },
      { scope: 'user-email', value: emailKey(directory.userName) },
      { scope: 'user-email', value: emailKey(person.email) },
    ];
    const found = await Promise.all(
      asked.map((one) => this.platform.reservations.find(tenantId, one)),
    );
    for (const [place, { holder }] of found.entries()) {
      if (!holder || holder === exceptId) continue;
      const state = await this.person(tenantId, holder);
      if (state.status === 'absent') continue;
      // Their address is the name of those alone whom the directory gave no other.
      if (place === 1 && state.directory?.userName) continue;
      return { id: holder, state };
    }
    return undefined;
  }

  private person(tenantId: string, userId: string): Promise<UserState> {
    return this.accounts.person({ tenantId, userId });
  }
}
