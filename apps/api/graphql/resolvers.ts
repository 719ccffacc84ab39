import { buildSchema, isObjectType, isScalarType, type GraphQLSchema } from 'graphql';
import type { GraphqlContext } from './context.js';
import { badArgument } from './errors.js';

// Parents and arguments have the shapes the SDL declares; each resolver says which it expects.
export type Resolver = (parent: never, args: never, context: GraphqlContext) => unknown;

export interface SubscriptionResolver {
  subscribe(
    parent: unknown,
    args: never,
    context: GraphqlContext,
  ): AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;
}

/** Resolvers by type and field. */
export type ResolverMap = Readonly<
  Record<string, Readonly<Record<string, Resolver | SubscriptionResolver>>>
>;

/** One part of the API: SDL and what answers it. */
export interface SchemaPart {
  readonly sdl: string;
  readonly resolvers: ResolverMap;
}

/** The first argument that holds text PostgreSQL cannot store. */
function brokenText(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') {
    return value.includes('\u0000') || !value.isWellFormed() ? path : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = brokenText(item, path ? `${path}.${key}` : key);
    if (found) return found;
  }
  return undefined;
}

/** Refuses text nobody could have meant before any resolver sees it. */
function guarded(resolve: Resolver): Resolver {
  return (parent, args, context) => {
    const broken = brokenText(args, '');
    if (broken) {
      throw badArgument(
        broken,
        'text',
        `${broken} contains a NUL character or half of a surrogate pair.`,
        'Remove the character.',
      );
    }
    return resolve(parent, args, context);
  };
}

function scalars(schema: GraphQLSchema): void {
  const { BigInt: whole } = schema.getTypeMap();
  if (!isScalarType(whole)) return;
  whole.serialize = (value) => String(value);
  whole.parseValue = toNumber;
  whole.parseLiteral = (node) =>
    toNumber('value' in node && node.kind !== 'EnumValue' ? node.value : undefined);
}

/** Text and numbers as a number where it is exact; anything else is left for the validation. */
function toNumber(value: unknown): unknown {
  const exact = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(exact) ? exact : value;
}

/** A schema that can be executed; throws when a resolver names what the SDL does not have. */
export function executableSchema(sdl: string, maps: readonly ResolverMap[]): GraphQLSchema {
  const schema = buildSchema(sdl);
  scalars(schema);
  for (const [typeName, fields] of maps.flatMap((map) => Object.entries(map))) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`GraphQL: there is no type ${typeName}`);
    for (const [name, resolver] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (!field) throw new Error(`GraphQL: ${typeName} has no field ${name}`);
      if (typeof resolver === 'function') {
        // Commands say what is wrong with their input in an answer of their own.
        const checked = typeName === 'Mutation' ? resolver : guarded(resolver);
        field.resolve = checked as unknown as typeof field.resolve;
      } else {
        field.subscribe = guarded(
          resolver.subscribe as Resolver,
        ) as unknown as typeof field.subscribe;
        field.resolve = (event: unknown) => event;
      }
    }
  }
  return schema;
}
