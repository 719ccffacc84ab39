import type { Accepted } from '#kernel/command';
import { isUuid, uuidv7 } from '#kernel/ids';
import type { Row } from '#kernel/read-model';
import { users } from '#projections/identity/users';
import { teams } from '#projections/identity/teams';
import { isObject, type Json } from './paths.js';
import { invalid } from './problem.js';
import { filled, Resources, type Directory, type Read, type Selection } from './resources.js';
import { groupType } from './schemas.js';

/** A team as a directory wants it. */
interface WantedGroup {
  readonly name: string;
  readonly externalId: string | null;
  readonly memberIds: readonly string[];
}

interface Team {
  readonly name: string;
  readonly memberIds: readonly string[];
}

/** Teams of the workspace as a directory sees and changes them; mapped ones give roles. */
export class ScimGroups extends Resources {
  readonly type = groupType;
  protected readonly model = teams;
  protected readonly seen = 'r.deleted_at IS NULL AND r.archived_at IS NULL';

  protected isSeen(row: Row): boolean {
    return !row['deletedAt'] && !row['archivedAt'];
  }

  narrowed(values: ReadonlyMap<string, string>): Selection {
    const [id, name] = [values.get('id'), values.get('displayName')];
    const [externalId, member] = [values.get('externalId'), values.get('members.value')];
    if (id !== undefined) return { where: 'r.id::text = lower($2)', values: [id] };
    if (name !== undefined) return { where: 'lower(r.name) = lower($2)', values: [name] };
    if (externalId !== undefined) return { where: 'r.external_id = $2', values: [externalId] };
    if (member !== undefined) return { where: '$2 = ANY (r.member_ids)', values: [member] };
    return {};
  }

  protected async shown(directory: Directory, rows: readonly Row[]): Promise<readonly Json[]> {
    const people = await this.people(directory, [...new Set(rows.flatMap(memberIdsOf))]);
    return rows.map((row) => {
      const members = memberIdsOf(row)
        .filter((value) => people.has(value))
        .map((value) => ({ value, $ref: `${this.base}/Users/${value}`, type: 'User' }));
      return filled({
        schemas: [groupType.schema.id],
        id: row['id'],
        externalId: row['externalId'],
        displayName: row['name'],
        members: members.length > 0 ? members : undefined,
      });
    });
  }

  /** Those of these people the directory sees. */
  private async people({ tenantId }: Directory, ids: readonly string[]) {
    if (ids.length === 0) return new Set<string>();
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ id: string }>(
        `SELECT id FROM rm_users
          WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND directory_removed_at IS NULL`,
        [tenantId, ids],
      ),
    );
    return new Set(rows.map(({ id }) => id));
  }

  async create(directory: Directory, given: Json): Promise<string> {
    const wanted = await this.wanted(directory, given);
    const id = uuidv7();
    await this.run(directory, 'CreateTeam', { name: wanted.name, ownerId: null }, id);
    await this.follow(directory, id, { name: wanted.name, memberIds: [] }, wanted);
    return id;
  }

  async update(directory: Directory, id: string, given: Json, before: Read): Promise<void> {
    const team = { name: String(before.row['name']), memberIds: memberIdsOf(before.row) };
    const wanted = await this.wanted(directory, given);
    if (wanted.name !== team.name) {
      await this.run(directory, 'ChangeTeam', { name: wanted.name }, id, before.revision);
    }
    await this.follow(directory, id, team, wanted);
  }

  async remove(directory: Directory, { row, revision }: Read): Promise<void> {
    const id = String(row['id']);
    const gone = await this.run(directory, 'DeleteTeam', {}, id, revision);
    await this.shownBy(directory, gone);
    const team = { name: String(row['name']), memberIds: memberIdsOf(row) };
    await this.giveRoles(directory, id, team, { name: team.name, memberIds: [] });
  }

  /** Changes members and the directory's id, then the roles that follow. */
  private async follow(directory: Directory, id: string, before: Team, wanted: WantedGroup) {
    const { connectionId: scimConnectionId } = directory;
    const { externalId, memberIds } = wanted;
    const said = { scimConnectionId, externalId };
    let last = await this.run(directory, 'RecordTeamDirectory', said, id);
    for (const userId of memberIds.filter((one) => !before.memberIds.includes(one))) {
      last = await this.run(directory, 'AddTeamMember', { userId }, id);
    }
    for (const userId of before.memberIds.filter((one) => !memberIds.includes(one))) {
      last = await this.run(directory, 'RemoveTeamMember', { userId }, id);
    }
    await this.shownBy(directory, last);
    await this.giveRoles(directory, id, before, wanted);
  }

  private async wanted(directory: Directory, given: Json): Promise<WantedGroup> {
    const members = ((given['members'] ?? []) as readonly unknown[]).filter(isObject);
    const group = members.find((one) => String(one['type'] ?? 'User').toLowerCase() !== 'user');
    if (group)
      throw invalid('invalidValue', 'members.type has to be User: teams hold people only.');
    const ids = members.map((one) => String(one['value'] ?? '').toLowerCase());
    const memberIds = [...new Set(ids)];
    const known = await this.people(directory, memberIds.filter(isUuid));
    const unknown = memberIds.find((one) => !known.has(one));
    if (unknown !== undefined) {
      throw invalid('invalidValue', `members.value ${unknown || '(empty)'} is no User.`);
    }
    return {
      name: String(given['displayName']),
      externalId: (given['externalId'] as string | undefined) ?? null,
      memberIds,
    };
  }

  /**
   * Gives roles to those whose mapped groups changed: that of the first mapped group they are in,
   * else the default. Owners stay owners, and teams without a mapping change nobody's role.
   */
  private async giveRoles(directory: Directory, id: string, before: Team, after: Team) {
    const mapping = directory.values.groupRoles ?? [];
    const mapped = (name: string) => mapping.some(({ group }) => group === name);
    const left = mapped(before.name) ? before.memberIds : [];
    const come = mapped(after.name) ? after.memberIds : [];
    const renamed = before.name !== after.name;
    const moved = [...new Set([...left, ...come])].filter(
      (one) => renamed || left.includes(one) !== come.includes(one),
    );
    if (moved.length === 0) return;
    const { tenantId, values } = directory;
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ name: string; member_ids: string[] }>(
        `SELECT name, member_ids FROM rm_teams WHERE tenant_id = $1 AND id <> $2
            AND deleted_at IS NULL AND archived_at IS NULL AND name = ANY ($3)`,
        [tenantId, id, mapping.map(({ group }) => group)],
      ),
    );
    const all = [...rows.map((row) => ({ name: row.name, memberIds: row.member_ids })), after];
    const people = await this.roles(tenantId, moved);
    let last: Accepted | undefined;
    for (const userId of moved) {
      const has = new Set(
        all.filter((one) => one.memberIds.includes(userId)).map((one) => one.name),
      );
      const role =
        mapping.find(({ group }) => has.has(group))?.role ?? values.defaultRole ?? 'member';
      const present = people.get(userId);
      if (!present || present === 'owner' || present === role) continue;
      last = await this.run(directory, 'ChangeUserRole', { role }, userId);
    }
    await this.shownBy(directory, last, users);
  }

  /** Roles of those who are not shut out. */
  private async roles(tenantId: string, ids: readonly string[]) {
    const { rows } = await this.platform.database.tenant(tenantId, (db) =>
      db.query<{ id: string; role: string }>(
        `SELECT id, role FROM rm_users
          WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND archived_at IS NULL`,
        [tenantId, ids],
      ),
    );
    return new Map(rows.map(({ id, role }) => [id, role]));
  }
}

const memberIdsOf = (row: Row) => (row['memberIds'] ?? []) as readonly string[];
