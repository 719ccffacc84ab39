import { systemContext } from '#platform/platform';
import { parseListQuery } from '#platform/projections/list-query';
import type { Row } from '#kernel/read-model';
import { orRefused, type Command } from '../command.js';
import { tenantOf, tenantOption } from '../tenant.js';

const shownFields = ['id', 'fullName', 'email', 'role', 'status', 'lastLoginAt'] as const;

export const listUsers: Command = {
  words: ['users', 'list'],
  summary: 'Lists the people of a workspace.',
  options: tenantOption,
  example: 'clientforge users list --tenant 01890a5d-ac96-774b-bcce-b302099a8057',
  async run(call) {
    const { platform } = await call.open();
    const { id, values } = await tenantOf(call, platform);
    const ctx = systemContext(id, 'cli');
    const model = platform.registry.readModel('users');
    const users: Row[] = [];
    for (let cursor: string | undefined; ;) {
      const raw = { limit: '100', archived: 'include', ...(cursor ? { cursor } : {}) };
      const query = orRefused(parseListQuery(model, raw, values.timeZone));
      const page = orRefused(await platform.reader.list(ctx, model, query));
      users.push(
        ...page.rows.map((row) => Object.fromEntries(shownFields.map((key) => [key, row[key]]))),
      );
      if (!page.hasNext) break;
      cursor = page.cursors.at(-1);
    }
    call.out.answer(users, () =>
      call.out.table(
        [
          { key: 'id', title: 'Id' },
          { key: 'fullName', title: 'Name' },
          { key: 'email', title: 'E-mail' },
          { key: 'role', title: 'Role' },
          { key: 'status', title: 'Status' },
          { key: 'lastLoginAt', title: 'Last sign-in' },
        ],
        users,
      ),
    );
  },
};
