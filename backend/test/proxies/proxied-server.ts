import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import getPort from 'get-port';
import { readConfig } from '../../src/config/read-config.js';
import type { TokenGrant } from '../../src/protocol/index.js';
import { startServer } from '../../src/server.js';
import { person, pkce } from '../auth/auth-server.js';
import { Browser } from '../auth/browser.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { TestClient } from '../support/test-client.js';
import { createTestDatabase } from '../support/test-database.js';
import { makeCertificate } from './certificate.js';
import { Proxy } from './proxy.js';
import type { ProxyKind } from './proxy-kinds.js';

/** The complete server behind a real proxy with TLS, with a real provider for signing in. */
export class ProxiedServer implements AsyncDisposable {
  private constructor(
    readonly url: string,
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
    const [plainPort, tlsPort, upstreamPort] = [await getPort(), await getPort(), await getPort()];
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
    return new ProxiedServer(url, model, provider, stack.move());
  }

  /** The complete sign-in, as in a browser. */
  async signIn(name: string): Promise<{ readonly browser: Browser; readonly grant: TokenGrant }> {
    const browser = new Browser(this.url);
    const { verifier, challenge } = pkce();
    const login = await browser.get(`/api/auth/login?challenge=${challenge}&return=/`);
    const answer = await this.provider.authorize(login.headers.get('location') ?? '', person(name));
    const callback = await browser.get(`/api/auth/callback?${new URLSearchParams(answer).toString()}`);
    const page = new URL(callback.headers.get('location') ?? '', this.url);
    const code = new URLSearchParams(page.hash.slice(1)).get('code');
    const exchange = await browser.post('/api/auth/exchange', { code, verifier }, { origin: this.url });
    if (exchange.status !== 200) throw new Error(`Exchange answered ${exchange.status}: ${await exchange.text()}`);
    return { browser, grant: (await exchange.json()) as TokenGrant };
  }

  connect({ accessToken }: TokenGrant): TestClient {
    return new TestClient(this.url, accessToken);
  }

  /** A GET from a client with its own address. @returns the JSON of the response */
  get(path: string, options: RequestOptions): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    request(`${this.url}${path}`, { ...options, agent: false }, (response) => resolve(json(response)))
      .once('error', reject)
      .end();
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.owned.disposeAsync();
  }
}
