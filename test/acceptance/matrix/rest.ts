import type { MatrixRow } from '#apps/api/access-matrix';
import { permissionsOf, type Endpoint } from '#apps/api/rest/endpoint';
import { uuidv7 } from '#kernel/ids';
import type { UserRole } from '#event-schemas/identity/user.events';
import type { Reply, TestUser } from '#test/support/server';
import { bodyOf, commandOf, pathOf } from './inputs.js';
import { each, relations, scopeReached, type Asker, type Stand } from './stand.js';

/** Rights are checked before the revision, and no record ever has this one: nothing is changed. */
const NEVER = { 'if-match': '"999999"', prefer: 'respond-async' };

/** What is asked: an endpoint and the row of the matrix it has. */
export interface Asked {
  readonly endpoint: Endpoint;
  readonly row: MatrixRow;
}

/** Whether the records an endpoint is about are those of its collection. */
const isAbout = ({ access }: Endpoint, collection: string) =>
  permissionsOf(access).at(-1)?.split(':')[0] === collection;
const forbidden = ({ status, body }: Reply) => status === 403 && body?.error?.code === 'FORBIDDEN';
/** Refused for want of an access token, and not by the endpoint itself. */
const nobody = ({ status, body }: Reply) =>
  status === 401 && /access token/.test(String(body?.error?.message));
/** There is no such record, as opposed to a record that lacks what was asked for. */
const missing = ({ status, body }: Reply) =>
  status === 404 && /^There is no such/.test(String(body?.error?.message));

export class RestMatrix {
  constructor(private readonly stand: Stand) {}

  private ask(
    endpoint: Endpoint,
    id: string,
    who: TestUser | undefined,
    headers: Readonly<Record<string, string>> = NEVER,
    isWhole = /^replace_/.test(endpoint.operation),
  ): Promise<Reply> {
    const { server } = this.stand;
    const { method } = endpoint;
    const { registry } = server.platform;
    // Only commands are known to leave everything as it is; others are stopped by an empty body.
    const body = isWhole || commandOf(endpoint, registry) ? bodyOf(endpoint, registry) : {};
    return server.request(`/api/v1${pathOf(endpoint, id)}`, {
      method,
      headers,
      ...(method === 'GET' ? {} : { body: body ?? {} }),
      ...(who ? { token: who.token } : {}),
    });
  }

  /** What the product lets each audience do, as a row of the matrix. */
  async observed({ endpoint, row }: Asked): Promise<MatrixRow> {
    const roles = [...this.stand.askers];
    const cells = await each(roles, async ([role, asker]): Promise<[UserRole, string]> => [
      role,
      await this.reach(endpoint, asker, row.roles[role]),
    ]);
    const answer = await this.ask(endpoint, uuidv7(), undefined);
    return {
      operation: row.operation,
      anonymous: nobody(answer) ? '-' : 'yes',
      otherTenant: await this.otherTenant({ endpoint, row }),
      roles: Object.fromEntries(cells) as MatrixRow['roles'],
    };
  }

  /** How far a role gets: measured on records where there are some, else whether it is let in. */
  private async reach(endpoint: Endpoint, asker: Asker, declared: string): Promise<string> {
    const collection = endpoint.path.split('/')[1]!;
    const records = asker.records.get(collection);
    const own = isAbout(endpoint, collection);
    if (records && own && endpoint.method === 'GET' && endpoint.path === `/${collection}`) {
      const { status, body } = await asker.person.get(`/${collection}?limit=100`);
      const ids = status === 200 ? body.data.map(({ id }: { id: string }) => id) : [];
      return scopeReached(relations.filter((one) => ids.includes(records[one])));
    }
    if (records && own && endpoint.path.startsWith(`/${collection}/:id`)) {
      const answers = await each(relations, async (one) => {
        const reply = await this.ask(endpoint, records[one], asker.person);
        return { one, reply, reached: !forbidden(reply) && !missing(reply) };
      });
      const broken = answers.find(({ reply }) => reply.status >= 500 || nobody(reply));
      if (broken) return `status ${broken.reply.status}`;
      return scopeReached(answers.flatMap(({ one, reached }) => (reached ? one : [])));
    }
    // Signing out and the like would end the session of somebody who is still needed.
    const person =
      endpoint.access === 'person' || endpoint.access === 'signed-in'
        ? await this.stand.workspace.person(asker.person.role)
        : asker.person;
    const reply = await this.ask(endpoint, records?.own ?? uuidv7(), person);
    if (reply.status >= 500) return `status ${reply.status}`;
    if (nobody(reply) && endpoint.access !== 'open') return 'status 401';
    return forbidden(reply) ? '-' : declared;
  }

  /** A record of this workspace is to a stranger what a record is that nobody has. */
  private async otherTenant({ endpoint, row }: Asked): Promise<MatrixRow['otherTenant']> {
    const { stranger, askers } = this.stand;
    if (!endpoint.path.includes(':id')) return '-';
    const { person, records } = askers.get('owner')!;
    const theirs = records.get(endpoint.path.split('/')[1]!)?.own ?? person.id;
    const told = async (id: string) => {
      const { status, body } = await this.ask(endpoint, id, stranger, {}, true);
      return { status, code: body?.error?.code, message: body?.error?.message };
    };
    const [foreign, unknown] = [await told(theirs), await told(uuidv7())];
    if (JSON.stringify(foreign) !== JSON.stringify(unknown)) {
      return `differs: ${JSON.stringify([foreign, unknown])}` as never;
    }
    if (!row.operation.addresses) return '-';
    return foreign.status === 404 ? '404' : (`status ${foreign.status}` as never);
  }
}
