import { TestBed } from '@angular/core/testing';
import { Api, ApiError } from './api';

const answer = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'x-request-id': 'r-1' } });

describe('Api', () => {
  const fetched = vi.fn<typeof fetch>();
  let api: Api;
  beforeEach(() => {
    fetched.mockReset();
    vi.stubGlobal('fetch', fetched);
    TestBed.configureTestingModule({});
    api = TestBed.inject(Api);
  });
  afterEach(() => vi.unstubAllGlobals());

  it('unwraps the envelope and sends the token', async () => {
    api.useToken('t');
    fetched.mockResolvedValue(answer(200, { success: true, data: { id: 1 } }));
    expect(await api.json('/x')).toEqual({ id: 1 });
    expect(fetched.mock.calls[0]![1]!.headers).toMatchObject({ authorization: 'Bearer t' });
  });

  it('renews the token once for many requests that were refused', async () => {
    api.renew = vi.fn(() => Promise.resolve('fresh'));
    fetched.mockImplementation((_path, init) => {
      const headers = init!.headers as Record<string, string>;
      const isFresh = headers['authorization'] === 'Bearer fresh';
      return Promise.resolve(isFresh ? answer(200, { data: 'ok' }) : answer(401, {}));
    });
    expect(await Promise.all([api.json('/a'), api.json('/b')])).toEqual(['ok', 'ok']);
    expect(api.renew).toHaveBeenCalledTimes(1);
  });

  it('says that the session is lost when it cannot be renewed', async () => {
    api.lost = vi.fn();
    fetched.mockResolvedValue(answer(401, { error: { code: 'X', message: 'Sign in.' } }));
    await expect(api.json('/a')).rejects.toMatchObject({ status: 401 });
    expect(api.lost).toHaveBeenCalled();
  });

  it('gives the words, details and request id of an error', async () => {
    const error = { code: 'RULE', message: 'No.', details: [{ message: 'Why.' }] };
    fetched.mockResolvedValue(answer(422, { success: false, error }));
    await expect(api.json('/a')).rejects.toMatchObject({
      code: 'RULE',
      message: 'No.',
      status: 422,
      details: [{ message: 'Why.' }],
      requestId: 'r-1',
    });
  });

  it('tells a server out of reach from one that refuses', async () => {
    fetched.mockRejectedValue(new TypeError('failed'));
    const error = await api.json('/a').catch((given: unknown) => given);
    expect((error as ApiError).offline).toBe(true);
    expect(api.offline()).toBe(true);
  });
});
