import { describe, expect, it } from '@jest/globals';
import { parse, specifiedRules, validate } from 'graphql';
import { product } from '#apps/composition/product';
import { Registry } from '#platform/commands/registry';
import { isJson, validationRules } from './limits.js';
import { graphqlSchema } from './schema.js';

const schema = graphqlSchema(new Registry(product));

function problems(source: string, introspection = false): unknown[] {
  const rules = [...specifiedRules, ...validationRules(introspection)];
  return validate(schema, parse(source), rules).map(
    ({ extensions, message }) => extensions['code'] ?? message,
  );
}
const nested = (levels: number): string =>
  levels === 0 ? 'name' : `parent { ${nested(levels - 1)} }`;

describe('limits of an operation', () => {
  it('lets the pages of the admin through', () => {
    expect(
      problems(`query Board($id: ID, $first: Int) {
        dealPipeline(pipelineId: $id) {
          stages { stage { name } totals { amount { amountMinor currency } }
            deals(first: $first) { nodes { ...Card } } } } }
        fragment Card on Deal { id name company { name } owner { fullName } stage { name } }`),
    ).toEqual([]);
    expect(
      problems(`query List($first: Int!) {
        contacts(first: $first) {
          edges { cursor node { id company { name owner { fullName } } owner { fullName } } } } }`),
    ).toEqual([]);
    expect(
      problems('{ timeline(first: 100) { nodes { actor { user { fullName } } changes { to } } } }'),
    ).toEqual([]);
  });

  it('counts levels, through fragments as well', () => {
    expect(problems(`{ company(id: 1) { ${nested(4)} } }`)).toEqual([]);
    expect(problems(`{ company(id: 1) { ${nested(5)} } }`)).toEqual(['QUERY_TOO_DEEP']);
    expect(problems(`{ company(id: 1) { ...A } } fragment A on Company { ${nested(5)} }`)).toEqual([
      'QUERY_TOO_DEEP',
    ]);
  });

  it('counts aliases and directives', () => {
    const aliases = (n: number) =>
      `{ ${Array.from({ length: n }, (_, i) => `a${i}: me { id }`).join(' ')} }`;
    expect(problems(aliases(15))).toEqual([]);
    expect(problems(aliases(16))).toEqual(['TOO_MANY_ALIASES']);
    const skips = (n: number) => `{ me { ${'id @skip(if: false) '.repeat(n)} } }`;
    expect(problems(skips(50))).toEqual([]);
    expect(problems(skips(51))).toEqual(['TOO_MANY_DIRECTIVES']);
  });

  it('counts a list with a variable page size at the largest page', () => {
    const list = (first: string, inner: string) => {
      const variables = `${first}${inner}`.includes('$n') ? 'query Q($n: Int)' : '';
      const history = `history(first: ${inner}) { nodes { id } }`;
      return `${variables} { companies(first: ${first}) { nodes { ${history} } } }`;
    };
    expect(problems(list('100', '20'))).toEqual([]);
    expect(problems(list('100', '100'))).toEqual(['QUERY_TOO_COSTLY']);
    expect(problems(list('$n', '100'))).toEqual(['QUERY_TOO_COSTLY']);
    expect(problems(list('20', '$n'))).toEqual([]);
    const spread = `query Q($n: Int) { companies(first: $n) { nodes { ...H } } }
      fragment H on Company { history(first: $n) { nodes { id } } }`;
    expect(problems(spread)).toEqual(['QUERY_TOO_COSTLY']);
  });

  it('survives fragments in circles', () => {
    const circle = `{ company(id: 1) { ...A } }
      fragment A on Company { parent { ...B } } fragment B on Company { parent { ...A } }`;
    expect(problems(circle)).toContainEqual(expect.stringMatching('within itself'));
  });

  it('shows the schema only where that is allowed', () => {
    const introspect = '{ __schema { types { fields { type { name } } } } }';
    expect(problems(introspect, true)).toEqual([]);
    expect(problems(introspect)).toContainEqual(expect.stringMatching('introspection'));
    expect(problems('{ __typename }')).toEqual([]);
  });

  it('knows JSON from GraphQL', () => {
    const json = ['{"kind":"Document"}', ' { }', '[1]', '"text"', '-1', 'null'];
    expect(json.map(isJson)).toEqual(json.map(() => true));
    const graphql = ['{ me { id } }', 'query A { me }', '\ufeff{me{id}}', 'fragment nullable on A'];
    expect(graphql.map(isJson)).toEqual(graphql.map(() => false));
  });
});
