import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../testing/free-port.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { ServerBuild } from '../faults/stage/server-build.js';
import { ServerProcess } from '../faults/stage/server-process.js';
import { makeCertificate } from '../proxies/certificate.js';
import { findProgram } from '../../testing/find-program.js';
import { Proxy } from '../proxies/proxy.js';
import { clusterProxy } from '../proxies/proxy-kinds.js';
import { signIn } from '../proxies/sign-in.js';
import { begin } from '../support/conversation.js';
import { TestClient, until } from '../support/test-client.js';
import { createTestDatabase } from '../support/test-database.js';

const METRICS_TOKEN = 'a token of the metrics';
/** Handshakes are limited too. */
const BETWEEN_TABS_MS = 200;
const redis = process.env['TEST_REDIS_URL'];

const missing =
  ['caddy', 'openssl'].find((program) => findProgram(program) === undefined) ?? (redis ? undefined : 'Redis');
const describeCluster = missing === undefined ? describe : describe.skip;

/** The profile `cluster` of docker-compose.yml with real programs, without containers around them. */
describeCluster(
  `two processes behind Caddy${missing === undefined ? '' : ` (not run: ${missing} is not there)`}`,
  () => {
    const owned = new AsyncDisposableStack();
    let model: ModelServer;
    let provider: OpenIdProvider;
    let processes: ServerProcess[];
    let start: (port: number) => ServerProcess;
    let url: string;

    beforeAll(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lockstep-cluster-'));
      owned.defer(() => rmSync(folder, { recursive: true, force: true }));
      const certificate = makeCertificate(folder);
      setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificate.certificate, 'utf8')]);
      const [plainPort, tlsPort, one, two] = [await freePort(), await freePort(), await freePort(), await freePort()];
      url = `https://127.0.0.1:${tlsPort}`;
      const database = owned.use(await createTestDatabase());
      model = owned.use(await ModelServer.start());
      provider = owned.use(await OpenIdProvider.start());
      const build = owned.use(ServerBuild.copy());
      const env = {
        NODE_ENV: 'production',
        APP_SECRET: 'a secret of thirty-two characters',
        PUBLIC_URL: url,
        DATA_DIR: database.dataDir,
        DATABASE_URL: database.url,
        REDIS_URL: redis ?? '',
        TRUSTED_PROXIES: 'uniquelocal,loopback',
        METRICS_TOKEN,
        ...model.environment,
        ...provider.environment,
      };
      start = (port) => owned.use(ServerProcess.spawn(build, port, env));
      processes = [start(one)];
      await processes[0]?.ready();
      processes.push(start(two));
      await processes[1]?.ready();
      const kind = clusterProxy([one, two]);
      owned.use(await Proxy.start(kind, { folder, plainPort, tlsPort, upstreamPort: one, certificate }));
    });
    afterAll(() => owned.disposeAsync());

    async function socketsOf({ port }: ServerProcess): Promise<number> {
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text();
      return Number(/^lockstep_sockets (\d+)$/m.exec(text)?.[1]);
    }

    async function connect(token: string): Promise<TestClient> {
      const tab = new TestClient(url, token);
      await tab.connected();
      return tab;
    }

    /** One more tab, at the process that has none yet. Until Caddy knows that it is ready, the other one gets all. */
    const connectToTheOther = (token: string): Promise<TestClient> =>
      until(async () => {
        const tab = await connect(token);
        const counts = await Promise.all(processes.map(socketsOf));
        if (counts.every((count) => count > 0)) return tab;
        tab.close();
        await delay(BETWEEN_TABS_MS);
        return undefined;
      }, 'both processes have a tab');

    it('tabs are spread over both, and each receives what the other one asks', async () => {
      const { grant } = await signIn(url, provider, 'ada');
      // Now Caddy knows that both are ready; from here on the one with fewer sockets gets the next.
      const first = [await connect(grant.accessToken), await connectToTheOther(grant.accessToken)];
      for (const tab of first) tab.close();
      const hasEach = (wanted: number) => async (): Promise<boolean> =>
        (await Promise.all(processes.map(socketsOf))).every((count) => count === wanted);
      await until(hasEach(0), 'no tab is left');
      const near = await connect(grant.accessToken);
      const far = await connect(grant.accessToken);
      try {
        await until(hasEach(1), 'one each');
        model.next(says(['one ', 'two ', 'three'], { delayMs: 50 }));
        const { stream } = await begin(near);
        await far.follow(stream);
        expect(await far.event(stream, 'run.finished')).toMatchObject({ status: 'completed', length: 13 });
      } finally {
        near.close();
        far.close();
      }
    });

    it('no request fails while one process after the other is replaced', async () => {
      const statuses = new Set<number>();
      let isOver = false;
      const asking = (async () => {
        while (!isOver) statuses.add((await fetch(`${url}/api/meta`)).status);
      })();
      for (const [index, former] of processes.entries()) {
        expect(await former.end('SIGTERM')).toBe(0);
        const next = start(former.port);
        await next.ready();
        processes[index] = next;
      }
      // Both are used again.
      const { grant } = await signIn(url, provider, 'bob');
      const tabs = [await connect(grant.accessToken), await connectToTheOther(grant.accessToken)];
      isOver = true;
      await asking;
      for (const tab of tabs) tab.close();
      expect([...statuses]).toEqual([200]);
    });

    it('a killed process loses only its own connections', async () => {
      await processes[0]?.end('SIGKILL');
      // Caddy before 2.11.2 answers 502 to a POST until it has noticed, see its configuration.
      const { grant } = await until(
        () =>
          signIn(url, provider, 'cleo').catch(
            (error: Error) => !error.message.includes('502') && Promise.reject(error),
          ),
        'Caddy has noticed',
        20_000,
      );
      const tab = await connect(grant.accessToken);
      try {
        model.next(says(['still ', 'here']));
        const { stream } = await begin(tab);
        await tab.follow(stream);
        expect(await tab.event(stream, 'run.finished')).toMatchObject({ status: 'completed' });
      } finally {
        tab.close();
      }
    });
  },
);
