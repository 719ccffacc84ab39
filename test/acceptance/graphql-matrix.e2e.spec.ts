import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import { listedModels } from '#apps/api/graphql/record-shape';
import { graphqlSchema } from '#apps/api/graphql/schema';
import { offeredCommands } from '#apps/api/graphql/sdl-commands';
import { camel } from '#apps/api/graphql/sdl-types';
import { scopeOf } from '#kernel/context';
import { uuidv7 } from '#kernel/ids';
import { userRoles } from '#event-schemas/identity/user.events';
import { systemRoles } from '#identity/access/roles';
import { startGraphql, type GraphqlTest, type Person } from '#test/support/graphql';

/** The least an input needs, as a literal. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return '[]';
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${needed.map((field) => `${field.name}: ${literal(field.type)}`).join(' ')} }`;
  }
  if (type.name === 'Boolean') return 'true';
  return ['Int', 'Float', 'BigInt'].includes(type.name) ? '1' : `"${uuidv7()}"`;
}

function called(field: GraphQLField<unknown, unknown>): string {
  const needed = field.args.filter(({ type }) => isNonNullType(type));
  const given = needed.map(({ name, type }) => `${name}: ${literal(type)}`).join(', ');
  return `${field.name}${given ? `(${given})` : ''}`;
}

function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

describe('every command and list under every role', () => {
  let test: GraphqlTest;
  let owner: Person;
  let schema: GraphQLSchema;
  beforeAll(async () => {
    test = await startGraphql();
    owner = await test.workspace();
    schema = graphqlSchema(test.platform.registry);
  });
  afterAll(() => test.close());

  it('is known to nobody without a token', async () => {
    const fields = {
      ...schema.getQueryType()!.getFields(),
      ...schema.getMutationType()!.getFields(),
    };
    for (const name of Object.keys(fields)) {
      const kind = schema.getQueryType()!.getFields()[name] ? 'query' : 'mutation';
      const field = fields[name]!;
      const answer = await test.ask(null, `${kind} { ${called(field)} { __typename } }`);
      expect([name, answer.status, answer.data]).toEqual([name, 401, null]);
    }
  });

  it.each(userRoles)('%s may do what the role says and nothing else', async (role) => {
    const person = await test.join(owner, role);
    const { grants } = systemRoles[role];
    const fields = schema.getMutationType()!.getFields();
    for (const commands of chunks(offeredCommands(test.platform.registry), 10)) {
      const calls = commands.map(
        ({ name }) => `${called(fields[camel(name)]!)} { ... on Refused { code } }`,
      );
      const { data, errors } = await test.ask(person, `mutation { ${calls.join('\n')} }`);
      expect(errors).toBeUndefined();
      for (const { name, permission } of commands) {
        const forbidden = data[camel(name)].code === 'FORBIDDEN';
        const allowed = scopeOf(grants, permission) !== undefined;
        // Who has the right may still be refused by a rule: nobody promotes themselves.
        if (!allowed) expect([name, forbidden]).toEqual([name, true]);
        else if (role === 'owner') expect([name, forbidden]).toEqual([name, false]);
      }
    }
    for (const { name } of listedModels(test.platform.registry)) {
      const { data, errors } = await test.ask(person, `{ ${name} { totalCount } }`);
      const allowed = scopeOf(grants, `${name}:read`) !== undefined;
      expect([name, data !== null, errors?.[0]?.extensions.code]).toEqual(
        allowed ? [name, true, undefined] : [name, false, 'FORBIDDEN'],
      );
    }
  });

  it('shows nothing of one workspace in another', async () => {
    const stranger = await test.workspace();
    for (const { name, record } of listedModels(test.platform.registry)) {
      const list = `{ ${name}(archived: include, deleted: include, first: 100) { nodes { id } } }`;
      const ids = async (who: Person) =>
        (await test.ask(who, list)).data[name].nodes.map(
          ({ id }: { id: string }) => id,
        ) as string[];
      const [mine, theirs] = [await ids(owner), await ids(stranger)];
      expect(theirs.filter((id) => mine.includes(id))).toEqual([]);
      const one = `query One($id: ID!) { one: ${record}(id: $id, includeDeleted: true) { id } }`;
      for (const id of mine.slice(0, 3)) {
        expect((await test.ask(owner, one, { id })).data.one).toEqual({ id });
        expect((await test.ask(stranger, one, { id })).data.one).toBeNull();
      }
    }
  });
});
