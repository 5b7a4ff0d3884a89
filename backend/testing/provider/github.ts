import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpServer } from '../http-server.ts';
import { readBody } from '../request-body.ts';

/** An account of GitHub with its e-mail addresses. */
export interface GithubAccount {
  readonly id: number;
  readonly login: string;
  readonly name?: string | null;
  readonly avatar_url?: string;
  readonly emails: readonly { readonly email: string; readonly primary: boolean; readonly verified: boolean }[];
}

const CLIENT = { id: 'Iv1.test', secret: 'github-secret' };
const MAX_FORM_BYTES = 10_000;

/** The part of GitHub that signing in needs: OAuth 2 with PKCE, and two addresses of its API. */
export class Github implements AsyncDisposable {
  readonly #http: HttpServer;
  readonly #codes = new Map<string, { account: GithubAccount; challenge: string }>();
  readonly #tokens = new Map<string, GithubAccount>();

  private constructor(http: HttpServer) {
    this.#http = http;
  }

  static async start(): Promise<Github> {
    let answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void> = () => undefined;
    const github = new Github(await HttpServer.start((request, response) => answer(request, response)));
    answer = (request, response) => github.#answer(request, response);
    return github;
  }

  get url(): string {
    return this.#http.url;
  }

  /** An entry of `SIGN_IN_PROVIDERS`; `more` replaces parts of it. */
  entry(more: object = {}): object {
    const { id: clientId, secret: clientSecret } = CLIENT;
    return { id: 'github', kind: 'github', issuer: this.url, clientId, clientSecret, ...more };
  }

  /** The callback parameters after the user has agreed at `authorizationUrl`. */
  authorize(authorizationUrl: string, account: GithubAccount): { code: string; state: string } {
    const { searchParams: asked } = new URL(authorizationUrl);
    const code = randomUUID();
    this.#codes.set(code, { account, challenge: asked.get('code_challenge') ?? '' });
    return { code, state: asked.get('state') ?? '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path === '/login/oauth/access_token') {
      return send(response, 200, this.#token(new URLSearchParams(await readBody(request, MAX_FORM_BYTES))));
    }
    const account = this.#tokens.get(request.headers.authorization?.replace(/^Bearer /i, '') ?? '');
    // GitHub refuses requests without a user agent.
    if (!account || request.headers['user-agent'] === undefined)
      return send(response, 401, { message: 'Requires login' });
    const { emails, ...profile } = account;
    if (path === '/api/v3/user') return send(response, 200, profile);
    send(response, path === '/api/v3/user/emails' ? 200 : 404, emails);
  }

  /** Errors have the status 200 here too. */
  #token(form: URLSearchParams): object {
    if (form.get('client_id') !== CLIENT.id || form.get('client_secret') !== CLIENT.secret) {
      return { error: 'incorrect_client_credentials', error_description: 'The client_id is not valid.' };
    }
    const issued = this.#codes.get(form.get('code') ?? '');
    const verifier = form.get('code_verifier') ?? '';
    const isMatch = issued?.challenge === createHash('sha256').update(verifier).digest('base64url');
    if (!issued || !isMatch) return { error: 'bad_verification_code', error_description: 'The code has expired.' };
    this.#codes.delete(form.get('code') ?? '');
    const token = `gho_${randomUUID()}`;
    this.#tokens.set(token, issued.account);
    return { access_token: token, scope: 'read:user,user:email', token_type: 'bearer' };
  }
}

const send = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
