import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** A person as the provider's userinfo describes them; any value may be a lie. */
export type Profile = Readonly<Record<string, unknown>>;

/** How the provider answers at one of its addresses: a document, or whatever it likes to do with the response. */
export type Misbehaviour = (response: ServerResponse, request: IncomingMessage) => void;

interface Grant {
  readonly profile: Profile;
  readonly challenge: string | null;
  readonly redirectUri: string | null;
}

/** What arrived at the provider's addresses. */
export interface ProviderRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: URLSearchParams;
  readonly authorization: string | undefined;
}

/**
 * A small OpenID provider over real HTTP. It checks PKCE, the client's secret and the redirect address as a good one
 * does; tests make it lie and break one address at a time.
 */
export class OpenIdProvider implements AsyncDisposable {
  readonly requests: ProviderRequest[] = [];
  /** Who signs in next. */
  profile: Profile = {};
  /** `false` takes any PKCE verifier, as a careless provider does. */
  checksPkce = true;
  tokenMisbehaves: Misbehaviour | undefined;
  userinfoMisbehaves: Misbehaviour | undefined;

  private readonly codes = new Map<string, Grant>();
  private readonly tokens = new Map<string, Profile>();

  private constructor(
    private readonly server: Server,
    private readonly origin: string,
  ) {}

  static async start(): Promise<OpenIdProvider> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('No port');
    const provider = new OpenIdProvider(server, `http://127.0.0.1:${address.port}`);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      provider.answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    return provider;
  }

  /** What the server's environment takes to use this provider. */
  get environment(): Record<string, string> {
    return {
      GOOGLE_CLIENT_ID: 'test-client',
      GOOGLE_CLIENT_SECRET: 'test-secret',
      GOOGLE_AUTHORIZATION_URL: `${this.origin}/authorize`,
      GOOGLE_TOKEN_URL: `${this.origin}/token`,
      GOOGLE_USERINFO_URL: `${this.origin}/userinfo`,
    };
  }

  /** What a browser would be sent back with when the person agrees at `authorizationUrl`. */
  authorize(authorizationUrl: string, profile: Profile = this.profile): { code: string; state: string } {
    const { searchParams: asked } = new URL(authorizationUrl);
    const code = randomBytes(16).toString('hex');
    this.codes.set(code, {
      profile,
      challenge: asked.get('code_challenge_method') === 'S256' ? asked.get('code_challenge') : null,
      redirectUri: asked.get('redirect_uri'),
    });
    return { code, state: asked.get('state') ?? '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.origin);
    const body = new URLSearchParams(await text(request));
    const { authorization } = request.headers;
    this.requests.push({ path: pathname, query: searchParams, body, authorization });
    const misbehaviour = pathname === '/token' ? this.tokenMisbehaves : this.userinfoMisbehaves;
    if (misbehaviour) misbehaviour(response, request);
    else if (pathname === '/token') this.answerToken(body, response);
    else if (pathname === '/userinfo') this.answerUserinfo(authorization, response);
    else json(response, 404, {});
  }

  private answerToken(body: URLSearchParams, response: ServerResponse): void {
    const code = body.get('code') ?? '';
    const grant = this.codes.get(code);
    this.codes.delete(code);
    const isClient = body.get('client_id') === 'test-client' && body.get('client_secret') === 'test-secret';
    if (!grant || !isClient || body.get('redirect_uri') !== grant.redirectUri || !this.provesPkce(grant, body)) {
      json(response, 400, { error: 'invalid_grant', error_description: 'code, client, address or verifier' });
      return;
    }
    const token = randomBytes(16).toString('hex');
    this.tokens.set(token, grant.profile);
    json(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 60 });
  }

  private provesPkce({ challenge }: Grant, body: URLSearchParams): boolean {
    if (!this.checksPkce) return true;
    const verifier = body.get('code_verifier') ?? '';
    return challenge !== null && createHash('sha256').update(verifier).digest('base64url') === challenge;
  }

  private answerUserinfo(authorization: string | undefined, response: ServerResponse): void {
    const profile = this.tokens.get(authorization?.replace(/^Bearer /, '') ?? '');
    if (profile) json(response, 200, profile);
    else json(response, 401, { error: 'invalid_token' });
  }
}

/** Answers with a document of any kind. */
export const answers =
  (status: number, body: unknown, type = 'application/json'): Misbehaviour =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': type })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

/** Never answers; with `begun` it stops in the middle of the answer. */
export const hangs =
  ({ begun = false } = {}): Misbehaviour =>
  (response) => {
    if (begun) response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":');
  };

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
