import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { MatrixRow } from '#apps/api/access-matrix';
import { graphqlSchema } from '#apps/api/graphql/schema';
import { offeredCommands } from '#apps/api/graphql/sdl-commands';
import { camel } from '#apps/api/graphql/sdl-types';
import type { AnyCommand } from '#kernel/command';
import { uuidv7 } from '#kernel/ids';
import type { UserRole } from '#event-schemas/identity/user.events';
import type { TestUser } from '#test/support/server';
import { least } from './inputs.js';
import { each, relations, scopeReached, type Asker, type Stand } from './stand.js';

// The shape of an answer is what the query of the spec asked for.
type Loose = any;

/** The least an input needs, as a literal. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return '[]';
  // Of levels the last one is the caller's own, which is everybody's to use.
  if (isEnumType(type)) return type.getValues().at(-1)!.name;
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${needed.map((field) => `${field.name}: ${literal(field.type)}`).join(' ')} }`;
  }
  if (type.name === 'Boolean') return 'true';
  return ['Int', 'Float', 'BigInt'].includes(type.name) ? '1' : `"${uuidv7()}"`;
}

/** Asks GraphQL what the matrix says of its fields. */
export class GraphqlMatrix {
  readonly schema: GraphQLSchema;
  private readonly commands: ReadonlyMap<string, AnyCommand>;

  constructor(private readonly stand: Stand) {
    const { registry } = stand.server.platform;
    this.schema = graphqlSchema(registry);
    this.commands = new Map(offeredCommands(registry).map((one) => [camel(one.name), one]));
  }

  async ask(who: TestUser | undefined, query: string, variables: object = {}) {
    const { status, body } = await this.stand.server.request('/graphql', {
      method: 'POST',
      body: { query, variables },
      ...(who ? { token: who.token } : {}),
    });
    return { status, data: body?.data as Loose, errors: (body?.errors ?? []) as Loose[] };
  }

  fieldOf(name: string) {
    const [type, field] = name.split('.') as [string, string];
    const found = type === 'Query' ? this.schema.getQueryType() : this.schema.getMutationType();
    return { kind: type.toLowerCase(), field: found!.getFields()[field]! };
  }

  /** Code of the answer to one field: OK, or why not. */
  async code(who: TestUser | undefined, name: string, id: string, free = false): Promise<string> {
    const { kind, field } = this.fieldOf(name);
    const command = kind === 'mutation' ? this.commands.get(field.name) : undefined;
    const args = field.args.map((one) => one.name);
    const input = command && args.includes('input') ? command.input : undefined;
    const given = field.args.flatMap(({ name: one, type }) => {
      if (one === 'input' && input) return ['input: $input'];
      if (one === 'id' && isNonNullType(type)) return [`id: "${id}"`];
      // Rights are checked before the revision, and no record ever has this one.
      if (one === 'expectedRevision' && !free) return ['expectedRevision: 999999'];
      return isNonNullType(type) ? [`${one}: ${literal(type)}`] : [];
    });
    const parameters = input ? `($input: ${command!.name}Input!)` : '';
    const call = `${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}`;
    const shown = kind === 'mutation' ? '{ ... on Refused { code message } }' : '{ __typename }';
    const variables = input ? { input: least(input) } : {};
    const answer = await this.ask(who, `${kind}${parameters} { it: ${call} ${shown} }`, variables);
    const [error] = answer.errors;
    if (answer.status === 401) return 'UNAUTHENTICATED';
    if (error) return String(error.extensions?.code ?? error.message);
    if (answer.data?.it === null) return 'NOT_FOUND';
    return answer.data?.it?.code ?? 'OK';
  }

  /** What the product lets each audience do, as a row of the matrix. */
  async observed(row: MatrixRow): Promise<MatrixRow> {
    const { name, addresses } = row.operation;
    const cells = await each(
      [...this.stand.askers],
      async ([role, asker]): Promise<[UserRole, string]> => [
        role,
        await this.reach(name, addresses, asker, row.roles[role]),
      ],
    );
    const anonymous = (await this.code(undefined, name, uuidv7())) === 'UNAUTHENTICATED';
    return {
      operation: row.operation,
      anonymous: anonymous ? '-' : 'yes',
      otherTenant: addresses ? await this.otherTenant(name, addresses) : '-',
      roles: Object.fromEntries(cells) as MatrixRow['roles'],
    };
  }

  private async reach(
    name: string,
    addresses: string | undefined,
    { person, records }: Asker,
    declared: string,
  ): Promise<string> {
    const { field } = this.fieldOf(name);
    const listed = records.get(field.name);
    if (name.startsWith('Query.') && listed) {
      const answer = await this.ask(person, `{ ${field.name}(first: 100) { nodes { id } } }`);
      const nodes: { id: string }[] = answer.data?.[field.name]?.nodes ?? [];
      return scopeReached(relations.filter((one) => nodes.some(({ id }) => id === listed[one])));
    }
    const addressed = addresses ? records.get(addresses) : undefined;
    if (addressed) {
      const reached = await each(relations, async (one) => {
        const code = await this.code(person, name, addressed[one]);
        if (code === 'INTERNAL_ERROR') return code;
        return ['FORBIDDEN', 'NOT_FOUND'].includes(code) ? [] : one;
      });
      return scopeReached(reached.flat());
    }
    const code = await this.code(person, name, uuidv7());
    if (code === 'INTERNAL_ERROR') return code;
    return code === 'FORBIDDEN' ? '-' : declared;
  }

  /** A record of this workspace is to a stranger what a record is that nobody has. */
  private async otherTenant(name: string, collection: string): Promise<MatrixRow['otherTenant']> {
    const { stranger, askers } = this.stand;
    const theirs = askers.get('owner')!.records.get(collection)?.own ?? uuidv7();
    const foreign = await this.code(stranger, name, theirs, true);
    const unknown = await this.code(stranger, name, uuidv7(), true);
    if (foreign !== unknown) return `differs: ${foreign} ${unknown}` as never;
    return foreign === 'NOT_FOUND' ? '404' : (foreign as never);
  }
}
