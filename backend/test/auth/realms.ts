import { freePort } from '../../testing/free-port.js';
import { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { AuthServer, type SignInAt } from './auth-server.js';

/** As strict as providers are: Basic, signed userinfo, `iss` in the response, back-channel logout. */
const strict = (lockstep: string, id: string) => ({
  path: `/realms/${id}`,
  client: {
    token_endpoint_auth_method: 'client_secret_basic' as const,
    userinfo_signed_response_alg: 'ES256' as const,
    backchannel_logout_uri: `${lockstep}/api/auth/backchannel-logout/${id}`,
    backchannel_logout_session_required: true,
    post_logout_redirect_uris: [`${lockstep}/login`],
    grant_types: ['authorization_code', 'refresh_token'],
  },
  more: {
    clientAuthMethods: ['client_secret_basic' as const],
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    enabledJWA: { userinfoSigningAlgValues: ['ES256' as const] },
    features: {
      jwtUserinfo: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
  },
});

/**
 * A server with Google and three more providers: `red` sets roles by the claim `groups`, `blue` is trusted with e-mail
 * addresses of example.com, and `gone` cannot be reached.
 */
export class Realms implements AsyncDisposable {
  private constructor(
    readonly server: AuthServer,
    readonly red: OpenIdProvider,
    readonly blue: OpenIdProvider,
  ) {}

  static async start(): Promise<Realms> {
    const port = await freePort();
    const red = await OpenIdProvider.start(strict(`http://127.0.0.1:${port}`, 'red'));
    const blue = await OpenIdProvider.start({
      path: '/realms/blue',
      client: { token_endpoint_auth_method: 'client_secret_post' },
      more: { clientAuthMethods: ['client_secret_post'] },
    });
    const gone = `http://127.0.0.1:${await freePort()}/realms/gone`;
    const providers = [
      red.entry('red', { rolesClaim: 'groups', roleMap: { bosses: 'admin', staff: 'user' } }),
      blue.entry('blue', { trustEmail: true, allowedDomains: ['example.com'] }),
      { id: 'gone', label: 'Gone', issuer: gone, clientId: 'a', clientSecret: 'b' },
    ];
    const env = { SIGN_IN_PROVIDERS: JSON.stringify(providers), DEFAULT_ROLE: 'pending' };
    return new Realms(await AuthServer.start({ port, env }), red, blue);
  }

  /** Where `AuthServer` signs in, with more parameters of the start. */
  atRed(more: Record<string, string> = {}): SignInAt {
    return { provider: this.red, query: { provider: 'red', ...more } };
  }

  atBlue(more: Record<string, string> = {}): SignInAt {
    return { provider: this.blue, query: { provider: 'blue', ...more } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.red[Symbol.asyncDispose]();
    await this.blue[Symbol.asyncDispose]();
  }
}
