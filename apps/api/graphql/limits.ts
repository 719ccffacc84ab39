import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit';
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives';
import {
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ASTNode,
  type FieldNode,
  type GraphQLSchema,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { MAX_LIMIT } from '#platform/projections/list-query';

/**
 * What one request may ask for. Six levels reach a deal's company on a board and who changed what
 * in a timeline; fragments do not count as levels. The cost is the number of records and other
 * objects an answer can hold.
 */
export const LIMITS = { depth: 6, aliases: 15, directives: 50, tokens: 1000, cost: 5000 } as const;

/** Reports the refusal like any other rule instead of leaving the validation by an exception. */
const reporting = (code: string, remedy: string) => ({
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null, error: GraphQLError) => {
      const problem = error.message.replace(/^Syntax Error: /, '');
      context?.reportError(new GraphQLError(`${problem} ${remedy}`, { extensions: { code } }));
    },
  ],
});

/** A copy in which every list says how many records it can return, as a literal. */
function withPageSizes<Node extends ASTNode>(node: Node, schema: GraphQLSchema): Node {
  const types = new TypeInfo(schema);
  return visit(
    node,
    visitWithTypeInfo(types, {
      Field(field): FieldNode | undefined {
        const declared = types.getFieldDef()?.args.find(({ name }) => name === 'first');
        if (!declared) return undefined;
        const given = field.arguments?.find(({ name }) => name.value === 'first')?.value;
        const asked = given?.kind === Kind.INT ? Number(given.value) : MAX_LIMIT;
        const size = given ? Math.min(asked, MAX_LIMIT) : Number(declared.defaultValue);
        const first = {
          kind: Kind.ARGUMENT as const,
          name: { kind: Kind.NAME as const, value: 'first' },
          value: { kind: Kind.INT as const, value: String(size) },
        };
        return { ...field, arguments: [first] };
      },
    }),
  ) as Node;
}

/**
 * Armor's cost rule multiplies by a literal `first` only; a variable would make a hundred records
 * as cheap as one. Variables count as the largest page, a missing argument as its default.
 */
const costRule: ValidationRule = (context) => {
  const schema = context.getSchema();
  const sized = {
    getFragment: (name: string) => {
      const fragment = context.getFragment(name);
      return fragment && withPageSizes(fragment, schema);
    },
    reportError: (error: GraphQLError) => context.reportError(error),
  } as unknown as ValidationContext;
  const { OperationDefinition } = costLimitRule({
    maxCost: LIMITS.cost,
    objectCost: 1,
    scalarCost: 0,
    depthCostFactor: 1,
    flattenFragments: true,
    ...reporting('QUERY_TOO_COSTLY', 'Ask for fewer records at once or for fewer nested lists.'),
  })(sized);
  const enter = (OperationDefinition as { enter(node: ASTNode): void }).enter;
  return {
    OperationDefinition: (operation) => enter(withPageSizes(operation, schema)),
  };
};

/** The rules of every operation beside those of the specification. */
export function validationRules(introspection: boolean): ValidationRule[] {
  const rules = [
    maxDepthRule({
      n: LIMITS.depth,
      flattenFragments: true,
      ...reporting('QUERY_TOO_DEEP', 'Ask for the inner records by their ids.'),
    }),
    maxAliasesRule({
      n: LIMITS.aliases,
      ...reporting('TOO_MANY_ALIASES', 'Use several requests.'),
    }),
    maxDirectivesRule({
      n: LIMITS.directives,
      ...reporting('TOO_MANY_DIRECTIVES', 'Use several requests.'),
    }),
  ] as unknown as ValidationRule[];
  return [...rules, costRule, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
}

/**
 * A document must be GraphQL. Mercurius would also take one written as JSON, which neither the
 * limit of tokens nor the grammar has seen.
 */
export function isJson(source: string): boolean {
  return /^[\s\ufeff]*(\{\s*["}]|\[|"|-?\d|true\b|false\b|null\b)/.test(source);
}
