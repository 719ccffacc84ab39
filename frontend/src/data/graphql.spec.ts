import { TestBed } from '@angular/core/testing';
import { Api } from './api';
import { Graphql } from './graphql';

describe('Graphql', () => {
  let isBehind: boolean;
  const asked: unknown[] = [];
  const send = (_path: string, { body }: { body: { variables: { atLeast: string | null } } }) => {
    asked.push(body.variables.atLeast);
    const late = isBehind && body.variables.atLeast !== null;
    const errors = [{ message: 'late', extensions: { code: 'NOT_CAUGHT_UP', status: 503 } }];
    return Promise.resolve(new Response(JSON.stringify(late ? { errors } : { data: 'rows' })));
  };

  it('shows lists that are behind as they are, says so, and reads again when they are not', async () => {
    isBehind = true;
    TestBed.configureTestingModule({ providers: [{ provide: Api, useValue: { send } }] });
    const graphql = TestBed.inject(Graphql);
    expect(await graphql.run('{ x }' as never, { atLeast: '7' })).toBe('rows');
    expect(asked).toEqual(['7', null]);
    await graphql.catchUp();
    expect(graphql.behind()?.since).toBeLessThanOrEqual(Date.now());
    expect(graphql.refreshed()).toBe(0);
    isBehind = false;
    await graphql.catchUp();
    expect(graphql.behind()).toBeUndefined();
    expect(graphql.refreshed()).toBe(1);
  });
});
