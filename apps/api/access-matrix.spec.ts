import { describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { product } from '#apps/composition/product';
import { Registry } from '#platform/commands/registry';
import { declaredMatrix, matrixCsv, operationsOf } from './access-matrix.js';
import { fieldAccess } from './graphql/field-access.js';
import { graphqlSchema } from './graphql/schema.js';

const registry = new Registry(product);

describe('the access matrix', () => {
  it('knows who may use every field of GraphQL', () => {
    const fields = fieldAccess(graphqlSchema(registry), registry);
    expect(fields.get('Query.companies')).toEqual({ access: { permission: 'companies:read' } });
    expect(fields.get('Mutation.archiveDeal')).toEqual({
      access: { permission: 'deals:update' },
      addresses: 'deals',
    });
  });

  it('refuses a field nobody has said a policy for', () => {
    const schema = buildSchema('type Query { salaries: [String!]! }');
    expect(() => fieldAccess(schema, registry)).toThrow('who may use Query.salaries');
  });

  it('says how far each role reaches, and that another workspace has nothing here', () => {
    const endpoint = {
      operation: 'get_company',
      method: 'GET',
      path: '/companies/:id',
      tag: 'companies',
      summary: '',
      access: { permission: 'companies:update' },
      answer: { status: 200, description: '' },
      handle: () => Promise.resolve({}),
    } as const;
    const [row] = declaredMatrix(operationsOf([endpoint], registry));
    expect(matrixCsv([row!]).split('\n')[1]).toBe(
      'GET /companies/:id,companies:update,-,404,all,all,team,own,-',
    );
  });
});
