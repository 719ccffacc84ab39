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

  it('says by which rule, in whichever form the server told it', async () => {
    api.lost = vi.fn();
    const details = [{ rule: 'account', message: 'Closed.' }];
    const bodies = [{ error: { code: 'X', details } }, { errors: [{ extensions: { details } }] }];
    for (const body of bodies) {
      fetched.mockResolvedValue(answer(401, body));
      await api.send('/a');
      expect(api.lost).toHaveBeenLastCalledWith('account');
    }
    expect(api.lost).toHaveBeenCalledTimes(2);
  });

  describe('a fresh proof', () => {
    let isProven: boolean;
    const header = { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' };
    const refused = () =>
      new Response('{"error":{"code":"STEP_UP_REQUIRED"}}', { status: 403, headers: header });
    beforeEach(() => {
      isProven = false;
      fetched.mockImplementation(() =>
        Promise.resolve(isProven ? answer(200, { data: 'done' }) : refused()),
      );
    });

    it('is asked for once for many requests, each of which is then sent once more', async () => {
      api.prove = vi.fn(() => Promise.resolve((isProven = true)));
      expect(await Promise.all([api.json('/a'), api.json('/b')])).toEqual(['done', 'done']);
      expect(api.prove).toHaveBeenCalledTimes(1);
      expect(fetched).toHaveBeenCalledTimes(4);
    });

    it('that nobody gives leaves the refusal, and one that does not count asks no further', async () => {
      api.prove = vi.fn(() => Promise.resolve(false));
      await expect(api.json('/a')).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
      expect(fetched).toHaveBeenCalledTimes(1);
      api.prove = vi.fn(() => Promise.resolve(true));
      await expect(api.json('/a')).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
      expect([api.prove, fetched].map((one) => vi.mocked(one).mock.calls.length)).toEqual([1, 3]);
    });
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
