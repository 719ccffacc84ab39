import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Accepted } from '#kernel/command';
import { Platform, systemContext } from '#platform/platform';
import { startGraphql, type GraphqlTest, type Person } from '#test/support/graphql';
import { graphqlSocket, type GraphqlSocket, type Subscription } from '#test/support/graphql-socket';

const CHANGES = `subscription Changes($type: RecordType, $id: ID) {
  recordChanged(type: $type, id: $id) { type id action revision position actor { type id } } }`;

describe('GraphQL subscriptions', () => {
  let test: GraphqlTest;
  let owner: Person;
  const sockets: GraphqlSocket[] = [];
  beforeAll(async () => {
    test = await startGraphql();
    owner = await test.workspace();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
  });
  afterAll(() => test.close());

  const connect = async (who?: Person) => {
    const socket = await graphqlSocket(test.url);
    sockets.push(socket);
    if (who) {
      const answer = await socket.init({ Authorization: `Bearer ${who.token}` });
      expect(answer).toBe('connection_ack');
    }
    return socket;
  };
  const create = async (who: Person, name: string): Promise<Accepted> => {
    const { data } = await test.ask(
      who,
      `mutation Create($name: String!) { createCompany(input: { name: $name }) {
        ... on Accepted { id revision position } } }`,
      { name },
    );
    return data.createCompany;
  };
  /** Subscribes and waits until a first change arrives, so that nothing later can be missed. */
  const listening = async (socket: GraphqlSocket, who: Person, variables: object = {}) => {
    const subscription = socket.subscribe(CHANGES, variables);
    for (let n = 0; n < 50; n++) {
      const { id } = await create(who, `Start ${n}`);
      let found = await subscription.next(300).catch(() => undefined);
      // Under load several come at once: go on only behind the last of them.
      while (found && found.data.recordChanged.id !== id) found = await subscription.next();
      if (found) return subscription;
    }
    throw new Error('the subscription does not deliver');
  };

  it('delivers what happened, to the workspace it happened in', async () => {
    const stranger = await test.workspace();
    const mine = await listening(await connect(owner), owner);
    const theirs = await listening(await connect(stranger), stranger);
    const { id, position } = await create(owner, 'Hooli');
    expect(await mine.next()).toEqual({
      data: {
        recordChanged: {
          type: 'company',
          id,
          action: 'created',
          revision: 1,
          position,
          actor: { type: 'user', id: owner.userId },
        },
      },
    });
    await expect(theirs.next(500)).rejects.toThrow('nothing came');
    const own = await create(stranger, 'Theirs');
    expect(await theirs.next()).toMatchObject({ data: { recordChanged: { id: own.id } } });
    await expect(mine.next(300)).rejects.toThrow('nothing came');
  });

  it('delivers one type or one record only', async () => {
    const socket = await connect(owner);
    const all = await listening(socket, owner);
    const { id } = await create(owner, 'One');
    await all.next();
    const users = socket.subscribe(CHANGES, { type: 'user' });
    const one = socket.subscribe(CHANGES, { id, type: 'company' });
    await create(owner, 'Two');
    await all.next();
    const member = await test.join(owner, 'member');
    expect(await users.next()).toMatchObject({
      data: { recordChanged: { type: 'user', id: member.userId, action: 'created' } },
    });
    await test.ask(owner, `mutation { archiveCompany(id: "${id}") { __typename } }`);
    expect(await one.next()).toMatchObject({
      data: { recordChanged: { id, action: 'archived', revision: 2 } },
    });
    one.complete();
    users.complete();
    await test.ask(owner, `mutation { restoreCompany(id: "${id}") { __typename } }`);
    expect(await one.next()).toMatchObject({ type: 'complete' });
    await expect(one.next(300)).rejects.toThrow('nothing came');
  });

  it('delivers who came and went to those alone to whom the access log is open', async () => {
    const member = await test.join(owner, 'member');
    const [mine, theirs] = [
      await listening(await connect(owner), owner),
      await listening(await connect(member), member),
    ];
    const ctx = systemContext(owner.tenantId, 'sign-in');
    const failure = { reason: 'wrong_password' };
    const id = owner.userId;
    await test.platform.dispatch('RecordSignInFailure', failure, ctx, { id });
    const company = await create(owner, 'Next');
    const heard = async (one: Subscription, type: string) => {
      for (;;) {
        const { data } = await one.next();
        if (data.recordChanged.type === type) return data.recordChanged;
        if (data.recordChanged.id === company.id) return undefined;
      }
    };
    expect(await heard(mine, 'user')).toMatchObject({ id, action: 'sign_in_failed' });
    expect(await heard(theirs, 'user')).toBeUndefined();
  });

  it('delivers what another process wrote', async () => {
    const changes = await listening(await connect(owner), owner);
    const other = await Platform.open({ ...test.platform.options, migrate: false });
    try {
      const ctx = systemContext(owner.tenantId, 'import');
      const { id } = (await other.dispatch('CreateCompany', { name: 'Away' }, ctx)) as Accepted;
      expect(await changes.next()).toMatchObject({
        data: { recordChanged: { id, actor: { type: 'system', id: 'import' } } },
      });
    } finally {
      await other.close();
    }
  });

  it('needs a token', async () => {
    const nobody = await connect();
    expect(await nobody.init()).toBe('closed 4401');
    const forger = await connect();
    expect(await forger.init({ Authorization: 'Bearer x.y.z' })).toBe('closed 4401');
    const early = await connect();
    early.subscribe(CHANGES);
    expect(await early.closed).toBeGreaterThan(999);
  });

  it('opens for pages of this site only', async () => {
    const { origin } = new URL(test.url);
    sockets.push(await graphqlSocket(test.url, origin));
    await expect(graphqlSocket(test.url, 'https://evil.example')).rejects.toThrow('refused');
  });

  it('validates what is subscribed to, like everything else', async () => {
    const socket = await connect(owner);
    const wrong = async (query: unknown, variables?: object) =>
      (await socket.subscribe(query as string, variables).next()) as {
        type: string;
        payload: { message: string; extensions?: { code: string } }[];
      };
    const unknown = await wrong('subscription { recordChanged { nam } }');
    expect(unknown).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    const tokens = `subscription { recordChanged { ${'id '.repeat(1_100)} } }`;
    expect((await wrong(tokens)).payload[0]!.message).toContain('Syntax Error');
    const tree = { kind: 'Document', definitions: [] };
    expect(await wrong(tree)).toMatchObject({ type: 'error' });
    expect((await wrong('subscription { __schema { queryType { name } } }')).type).toBe('error');
    expect(await wrong(CHANGES, { id: 'x' })).toMatchObject({
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    // Questions and commands go over HTTP.
    expect(await wrong('{ me { id } }')).toMatchObject({ type: 'error' });
    expect((await listening(socket, owner)).next).toBeDefined();
  });

  it('bounds the subscriptions of a connection', async () => {
    const socket = await connect(owner);
    const many = Array.from({ length: 20 }, () => socket.subscribe(CHANGES));
    const last = await listening(await connect(owner), owner);
    expect(await socket.subscribe(CHANGES).next()).toMatchObject({
      payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }],
    });
    many[0]!.complete();
    await create(owner, 'Room');
    await last.next();
    const again = socket.subscribe(CHANGES);
    await expect(again.next(300)).rejects.toThrow('nothing came');
  });
});
