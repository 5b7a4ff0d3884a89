import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ClientMetadata,
  type Configuration,
  interactionPolicy,
  type KoaContextWithOIDC,
  type Provider,
} from 'oidc-provider';
import { HttpServer } from '../http-server.ts';
import type { Misbehaviour } from './faults.ts';
import { makeProvider, SCOPES } from './provider.ts';

/** The userinfo of a user; tests may set invalid values. */
export type Profile = Readonly<Record<string, unknown>>;

/** A request to one of the provider's addresses that was answered correctly. */
interface ProviderRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: URLSearchParams;
  readonly authorization: string | undefined;
}

const CLIENT = { id: 'test-client', secret: 'test-secret' };

export interface OpenIdProviderOptions {
  /** The origin that browsers come from and return to; without it, there are no pages. */
  readonly lockstepUrl?: string;
  /** The path of the issuer, for a realm that is found by discovery. */
  readonly path?: string;
  /** Metadata of the client. */
  readonly client?: Partial<ClientMetadata>;
  /** Settings of the provider. */
  readonly more?: Configuration;
}

/**
 * An OpenID provider over real HTTP. It checks PKCE, the client's secret and the redirect address. Tests can falsify its
 * claims and make single addresses fail. In a browser it shows the library's development pages, where any login is
 * accepted: Lockstep must also work with pages other than those of the local provider.
 */
export class OpenIdProvider implements AsyncDisposable {
  readonly requests: ProviderRequest[] = [];
  tokenMisbehaves: Misbehaviour | undefined;
  userinfoMisbehaves: Misbehaviour | undefined;
  readonly issuer: string;
  readonly #http: HttpServer;
  readonly #provider: Provider;
  readonly #keepsSubjects: boolean;
  /** The users that tests have signed in, by subject. */
  readonly #profiles = new Map<string, Profile>();

  private constructor(
    http: HttpServer,
    issuer: string,
    provider: Provider,
    /** Otherwise each sign-in has a subject of its own in the ID token, so that userinfo may contain anything. */
    keepsSubjects: boolean,
  ) {
    this.#http = http;
    this.#provider = provider;
    this.issuer = issuer;
    this.#keepsSubjects = keepsSubjects;
    provider.use(async (context, next) => {
      await next();
      this.#answered(context as KoaContextWithOIDC);
    });
  }

  static async start({ lockstepUrl, path = '', client, more }: OpenIdProviderOptions = {}): Promise<OpenIdProvider> {
    let answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void> = () => undefined;
    const http = await HttpServer.start((request, response) => answer(request, response));
    const issuer = http.url + path;
    const started: OpenIdProvider = new OpenIdProvider(
      http,
      issuer,
      await makeProvider(issuer, {
        client: {
          ...CLIENT,
          redirectUri: `${lockstepUrl ?? 'http://127.0.0.1'}/api/auth/callback`,
          metadata: client,
        },
        claimsOf: (subject) => started.#claimsOf(subject),
        more: {
          interactions: { policy: askingToSignIn() },
          // The library refuses private addresses, and the tests have no others.
          fetch: (url, options) =>
            fetch(url, { ...(options as RequestInit), dispatcher: undefined } as unknown as RequestInit),
          ...more,
          features: { devInteractions: { enabled: lockstepUrl !== undefined }, ...more?.features },
        },
      }),
      path !== '',
    );
    const provide = started.#provider.callback();
    answer = (request, response) => {
      const url = request.url ?? '/';
      const misbehaviour = started.#misbehaviourAt(new URL(url, http.url).pathname.slice(path.length));
      if (misbehaviour) return misbehaviour(response, request);
      // As a router does with a mounted application: the provider builds its addresses from the original one.
      Object.assign(request, { originalUrl: url, url: url.slice(path.length) || '/' });
      return provide(request, response);
    };
    return started;
  }

  /** Environment variables that make Lockstep use this provider. */
  get environment(): Record<string, string> {
    return {
      GOOGLE_CLIENT_ID: CLIENT.id,
      GOOGLE_CLIENT_SECRET: CLIENT.secret,
      GOOGLE_AUTHORIZATION_URL: `${this.#http.url}/auth`,
      GOOGLE_TOKEN_URL: `${this.#http.url}/token`,
      GOOGLE_USERINFO_URL: `${this.#http.url}/me`,
    };
  }

  /** An entry of `SIGN_IN_PROVIDERS` for this provider. */
  entry(id: string, more: object = {}): object {
    const { id: clientId, secret: clientSecret } = CLIENT;
    return { id, label: `Realm ${id}`, issuer: this.issuer, clientId, clientSecret, ...more };
  }

  /** The callback parameters after the user has agreed at `authorizationUrl`. */
  async authorize(authorizationUrl: string, profile: Profile): Promise<{ code: string; state: string; iss: string }> {
    const { searchParams: asked } = new URL(authorizationUrl);
    const code = new this.#provider.AuthorizationCode({
      ...(await this.#grant(profile)),
      gty: 'authorization_code',
      redirectUri: asked.get('redirect_uri') ?? undefined,
      codeChallenge: asked.get('code_challenge') ?? undefined,
      codeChallengeMethod: asked.get('code_challenge_method') ?? undefined,
      nonce: asked.get('nonce') ?? undefined,
      // The session that the ID token and a logout token name.
      sid: sessionOf(profile),
    });
    return { code: await code.save(), state: asked.get('state') ?? '', iss: this.issuer };
  }

  /** Tells the client that a user, or one session of theirs, has ended (Back-Channel Logout 1.0). */
  async logOut(profile: Profile): Promise<void> {
    const client = await this.#provider.Client.find(CLIENT.id);
    if (!client) throw new Error('The provider has no client');
    // Missing in the types of the library.
    const typed = client as unknown as { backchannelLogout(sub: string, sid: string): Promise<void> };
    await typed.backchannelLogout(String(profile['sub']), sessionOf(profile));
  }

  /** A token for userinfo, without a check of code and verifier. */
  async tokenFor(profile: Profile): Promise<string> {
    const token = new this.#provider.AccessToken({ ...(await this.#grant(profile)), gty: 'authorization_code' });
    return token.save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }

  /** A grant for everything that the client asks for. */
  async #grant(profile: Profile) {
    const accountId = this.#keepsSubjects ? String(profile['sub']) : randomUUID();
    this.#profiles.set(accountId, profile);
    const client = await this.#provider.Client.find(CLIENT.id);
    if (!client) throw new Error('The provider has no client');
    const grant = new this.#provider.Grant({ accountId, clientId: CLIENT.id });
    grant.addOIDCScope(SCOPES);
    return { accountId, client, grantId: await grant.save(), scope: SCOPES };
  }

  #claimsOf(subject: string) {
    const profile = this.#profiles.get(subject);
    if (profile) return this.#keepsSubjects ? { ...profile, sub: subject } : { sub: subject };
    return { sub: subject, email: subject, email_verified: true, name: `Person at ${subject}` };
  }

  #misbehaviourAt(path: string): Misbehaviour | undefined {
    if (path === '/token') return this.tokenMisbehaves;
    return path === '/me' ? this.userinfoMisbehaves : undefined;
  }

  #answered(context: KoaContextWithOIDC): void {
    const { path, querystring, headers, oidc } = context;
    const body = new URLSearchParams(oidc?.body as Record<string, string> | undefined);
    this.requests.push({ path, query: new URLSearchParams(querystring), body, authorization: headers.authorization });
    // The library itself returns only correct claims.
    const profile = path === '/me' ? this.#profiles.get(oidc?.entities.AccessToken?.accountId ?? '') : undefined;
    if (profile && context.status === 200 && typeof context.body === 'object') context.body = profile;
  }
}

/** Lockstep requests `select_account`, as for Google; here that means to sign in. */
function askingToSignIn(): ReturnType<typeof interactionPolicy.base> {
  const policy = interactionPolicy.base();
  const choose = new interactionPolicy.Prompt({ name: 'select_account', requestable: true });
  choose.checks.clear();
  policy.add(choose);
  return policy;
}

const sessionOf = (profile: Profile): string => `session of ${String(profile['sub'])}`;
