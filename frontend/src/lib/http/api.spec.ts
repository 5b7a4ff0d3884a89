import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from './api.ts';
import { RequestFailed } from './request-failed.ts';

const json = (
  status: number,
  body: unknown,
  type = 'application/json',
  headers: Record<string, string> = {},
): Response => new Response(JSON.stringify(body), { status, headers: { 'content-type': type, ...headers } });
const problem = (status: number, code: string, headers?: Record<string, string>): Response =>
  json(status, { code, detail: `because ${code}`, requestId: 'r-1' }, 'application/problem+json', headers);

const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();
const tokens = { token: () => Promise.resolve('old'), refresh: vi.fn(() => Promise.resolve('new')) };
const api = new Api(tokens);
const bearers = (): unknown[] => fetched.mock.calls.map(([, init]) => new Headers(init.headers).get('authorization'));

async function failure(request: Promise<unknown>): Promise<RequestFailed> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RequestFailed) return error;
  throw new Error('The request did not fail as it should');
}

beforeEach(() => vi.stubGlobal('fetch', fetched));
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
  tokens.refresh.mockClear();
});

describe('the HTTP interface', () => {
  it('sends the token and the body', async () => {
    fetched.mockResolvedValueOnce(json(200, { name: 'Ada' }));
    expect(await api.patch('/api/profile/me', { name: 'Ada' })).toEqual({ name: 'Ada' });
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ method: 'PATCH', body: '{"name":"Ada"}' });
    expect(bearers()).toEqual(['Bearer old']);
  });

  it('refreshes the token once after a 401', async () => {
    fetched.mockResolvedValueOnce(problem(401, 'unauthenticated')).mockResolvedValueOnce(json(200, []));
    expect(await api.get('/api/models')).toEqual([]);
    expect(bearers()).toEqual(['Bearer old', 'Bearer new']);
  });

  it('does not refresh a second time', async () => {
    fetched.mockImplementation(() => Promise.resolve(problem(401, 'unauthenticated')));
    expect(await failure(api.get('/api/models'))).toMatchObject({ code: 'unauthenticated' });
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it('throws the error of the server, with its request id and how long to wait', async () => {
    fetched.mockResolvedValueOnce(problem(429, 'rate_limited', { 'retry-after': '7' }));
    const error = await failure(api.get('/api/models'));
    expect(error).toMatchObject({ code: 'rate_limited', requestId: 'r-1', retryAfterMs: 7000 });
    expect(error.isRetryable).toBe(true);
  });

  it('treats a 502 of a proxy as a network failure', async () => {
    fetched.mockResolvedValueOnce(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(await failure(api.get('/api/models'))).toMatchObject({ code: 'network' });
  });

  it('distinguishes a lost connection from a refusal', async () => {
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    const error = await failure(api.get('/api/models'));
    expect(error).toMatchObject({ code: 'network', isLocal: true });
    expect(tokens.refresh).not.toHaveBeenCalled();
  });

  it('returns undefined for 204', async () => {
    fetched.mockResolvedValueOnce(new Response(null, { status: 204 }));
    expect(await api.delete('/api/auth/sessions/1')).toBeUndefined();
  });
});
