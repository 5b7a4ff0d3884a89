import type { Problem } from '#protocol';
import { RequestFailed } from './request-failed.ts';
import { fileNameOf, type NamedFile } from './save-file.ts';
import { storableJson } from '../storage/storable-text.ts';

/** Supplies the access token: before each request, and once more after a 401. */
export interface TokenSource {
  token(): Promise<string>;
  refresh(): Promise<string>;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const isJson = (response: Response): boolean => /[/+]json\b/.test(response.headers.get('content-type') ?? '');

/** Reads the body of a response; throws the server's error when it refused. */
async function readResponse<Data>(response: Response): Promise<Data> {
  if (response.status === 204) return undefined as Data;
  return response.ok && isJson(response) ? ((await response.json()) as Data) : refused(response);
}

async function refused(response: Response): Promise<never> {
  const problem = (isJson(response) ? await response.json() : {}) as Partial<Problem>;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new RequestFailed(
    problem.code ?? codeOfStatus(response.status),
    problem.detail ?? problem.title ?? `The server answered ${response.status}`,
    { requestId: problem.requestId, retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined },
  );
}

/** For responses of a proxy, which sends no problem documents. */
function codeOfStatus(status: number): RequestFailed['code'] {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 413) return 'too_large';
  if (status === 429) return 'rate_limited';
  if (status === 502 || status === 503 || status === 504) return 'network';
  return status < 500 && status >= 400 ? 'bad_request' : 'internal';
}

/** `fetch` for the server's JSON: a failed connection throws `network`, a refusal throws the server's code. */
export async function fetchJson<Data>(path: string, init: RequestInit): Promise<Data> {
  return readResponse<Data>(await reach(path, init));
}

/** Whether the server answers at all. */
export async function serverAnswers(): Promise<boolean> {
  try {
    await fetchJson('/health/live', { headers: { accept: 'application/json' } });
    return true;
  } catch (error) {
    console.debug('The server does not answer', error);
    return false;
  }
}

async function fetchFile(path: string, init: RequestInit): Promise<NamedFile> {
  const response = await reach(path, init);
  if (!response.ok) return refused(response);
  const name = fileNameOf(response.headers.get('content-disposition')) ?? path.split('/').at(-1) ?? path;
  return { name, content: await response.blob() };
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new RequestFailed('network', 'The server cannot be reached', { cause });
  }
}

/** The server's HTTP API for the user who is signed in. Every method throws `RequestFailed`. */
export class Api {
  readonly #tokens: TokenSource;

  constructor(tokens: TokenSource) {
    this.#tokens = tokens;
  }

  get<Data>(path: string, options?: RequestOptions): Promise<Data> {
    return this.#request('GET', path, options);
  }

  post<Data>(path: string, body?: unknown): Promise<Data> {
    return this.#request('POST', path, { body });
  }

  put<Data>(path: string, body: unknown): Promise<Data> {
    return this.#request('PUT', path, { body });
  }

  patch<Data>(path: string, body: unknown): Promise<Data> {
    return this.#request('PATCH', path, { body });
  }

  delete(path: string, body?: unknown): Promise<void> {
    return this.#request('DELETE', path, { body });
  }

  /** @param init `cache`: a file is read anew each time, unless this says otherwise */
  file(path: string, init: Pick<RequestInit, 'cache'> = {}): Promise<NamedFile> {
    return this.#authorized((token) => fetchFile(path, { ...init, headers: { authorization: `Bearer ${token}` } }));
  }

  #request<Data>(method: string, path: string, options: RequestOptions = {}): Promise<Data> {
    return this.#authorized((token) =>
      fetchJson<Data>(path, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          ...(options.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(options.body !== undefined && { body: storableJson(options.body) }),
        ...(options.signal && { signal: options.signal }),
      }),
    );
  }

  async #authorized<Data>(attempt: (token: string) => Promise<Data>): Promise<Data> {
    try {
      return await attempt(await this.#tokens.token());
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.code !== 'unauthenticated') throw error;
      return attempt(await this.#tokens.refresh());
    }
  }
}
