import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { readConfig } from '../../src/config/read-config.js';
import type { TokenGrant } from '../../src/protocol/index.js';
import { startServer } from '../../src/server.js';
import { freePort } from '../../testing/free-port.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { TestClient } from '../support/test-client.js';
import { createTestDatabase } from '../support/test-database.js';
import { makeCertificate } from './certificate.js';
import { Proxy } from './proxy.js';
import type { ProxyKind } from './proxy-kinds.js';
import { signIn, type SignedIn } from './sign-in.js';

/** The complete server behind a real proxy with TLS, with a real provider for signing in. */
export class ProxiedServer implements AsyncDisposable {
  private constructor(
    readonly url: string,
    /** Where the proxy redirects to `url`. */
    readonly plainUrl: string,
    readonly model: ModelServer,
    private readonly provider: OpenIdProvider,
    private readonly owned: AsyncDisposableStack,
  ) {}

  static async start(kind: ProxyKind): Promise<ProxiedServer> {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-proxy-'));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    const certificate = makeCertificate(folder);
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificate.certificate, 'utf8')]);
    const [plainPort, tlsPort, upstreamPort] = [await freePort(), await freePort(), await freePort()];
    const url = `https://127.0.0.1:${tlsPort}`;

    const database = stack.use(await createTestDatabase());
    const model = stack.use(await ModelServer.start());
    const provider = stack.use(await OpenIdProvider.start());
    const config = readConfig({
      PORT: String(upstreamPort),
      PUBLIC_URL: url,
      // The test's clients have addresses in the same network.
      TRUSTED_PROXIES: '127.0.0.1',
      DATA_DIR: database.dataDir,
      DATABASE_URL: database.url,
      OPENAI_BASE_URL: model.baseUrl,
      KEEP_ALIVE_MS: '300',
      LOG_LEVEL: 'fatal',
      ...provider.environment,
    });
    const running = await startServer(config, {
      mount: (web) => {
        web.get('/address', ({ ip }, response) => void response.json({ ip }));
        return Promise.resolve();
      },
    });
    stack.defer(() => running.stop(0));
    stack.use(await Proxy.start(kind, { folder, plainPort, tlsPort, upstreamPort, certificate }));
    return new ProxiedServer(url, `http://127.0.0.1:${plainPort}`, model, provider, stack.move());
  }

  signIn(name: string): Promise<SignedIn> {
    return signIn(this.url, this.provider, name);
  }

  connect({ accessToken }: TokenGrant): TestClient {
    return new TestClient(this.url, accessToken);
  }

  /** Posts JSON as a program of this user. */
  post(path: string, token: string, body: object): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`${this.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Creates an access token for programs. */
  async createToken({ accessToken }: TokenGrant): Promise<string> {
    const wishes = { name: 'A program', scopes: ['chat'], expiresAt: null };
    const response = await this.post('/api/tokens', accessToken, wishes);
    return ((await response.json()) as { token: string }).token;
  }

  /** A GET from a client with its own address. @returns the JSON of the response */
  get(path: string, options: RequestOptions): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    request(`${this.url}${path}`, { ...options, agent: false }, (response) => resolve(json(response)))
      .once('error', reject)
      .end();
    return promise;
  }

  /** @returns the version of TLS that the proxy agrees on */
  async protocol(): Promise<string | null> {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(this.url).port) });
    try {
      await once(socket, 'secureConnect');
      return socket.getProtocol();
    } finally {
      socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.owned.disposeAsync();
  }
}
