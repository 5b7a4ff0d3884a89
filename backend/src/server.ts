import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import helmet from 'helmet';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { DispatchService } from './chat/queue/dispatch.service.js';
import { RunsService } from './chat/runs/runs.service.js';
import { UnkeptRuns } from './chat/unkept/unkept-runs.service.js';
import type { Config } from './config/config.js';
import { isPrivateAddress } from './config/local-address.js';
import { LogOutput } from './common/log-output.js';
import { jsonBodies } from './common/json-bodies.js';
import { ProblemFilter } from './common/problem.filter.js';
import { traceRequests } from './common/handlers/request-span.js';
import { assignRequestId } from './common/request-id.js';
import { StrictExpressAdapter } from './common/strict-express.adapter.js';
import { listen } from './listen.js';
import { readPage } from './page.js';
import { ChatIoAdapter } from './realtime/sockets/chat-io.adapter.js';
import { SupervisorService } from './realtime/supervisor.service.js';
import { Tracing } from './tracing/tracing.js';

/** How long clients have to receive the rest of a response when the server stops. */
const LAST_ANSWERS_MS = 500;

/** How long a collector has to receive the rest of the traces and of the log when the server stops. */
const LAST_TRACES_MS = 1_000;

/** Programs send the whole conversation with each request. */
const MAX_PROMPT = '2mb';

const DOCS_PATH = '/api/docs';

const UNENCRYPTED =
  'PUBLIC_URL is not encrypted: others on the same network can read every conversation and take over sessions. ' +
  'Put a proxy with TLS before this server, and set PUBLIC_URL to its https address.';

export interface ServerOptions {
  /** Mounted before everything else: the local services on a machine without keys. */
  readonly mount?: ((app: express.Express) => Promise<void>) | undefined;
  /** The folder of the built page; nothing is served at `/` without it. */
  readonly pageDir?: string | undefined;
}

export interface RunningServer {
  readonly app: NestExpressApplication;
  /** Accepts no new work, waits up to `drainMs` for active runs, then closes everything. */
  stop(drainMs: number): Promise<void>;
}

/** Builds the whole server from its configuration and listens. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const tracing = await Tracing.open(config.telemetry);
  const web = express();
  web.disable('x-powered-by');
  web.set('trust proxy', config.trustedProxies);
  web.use(assignRequestId);
  if (tracing.isOn) web.use(['/api', '/v1'], traceRequests(tracing));
  web.use(securityHeaders(config));
  await options.mount?.(web);
  const page = options.pageDir === undefined ? undefined : readPage(resolve(options.pageDir));
  if (page) web.use(page.serve);

  const adapter = new StrictExpressAdapter(web, page?.missing);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, tracing), adapter, {
    // Errors are reported by the caller as long as there is no logger.
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  app.useLogger(app.get(Logger));
  app.get(SupervisorService).servesPage(page?.version);
  app.useWebSocketAdapter(new ChatIoAdapter(app, config));
  app.useGlobalFilters(new ProblemFilter());
  app.use('/api', noStore, ...jsonBodies());
  app.use('/v1', noStore, ...jsonBodies(MAX_PROMPT));
  // Not in production, because the description shows all routes to everyone.
  if (!config.production) app.use(describedOnDemand());
  await listen(app, config);
  const warnings = [...config.warnings, ...(isPrivateAddress(config.publicUrl) ? [] : [UNENCRYPTED])];
  for (const warning of warnings) app.get(Logger).warn(warning);
  // What waited while no server ran. Not before: the local model answers at this very port.
  await app.get(DispatchService).sweep();

  return {
    app,
    async stop(drainMs) {
      const [supervisor, output] = [app.get(SupervisorService), app.get(LogOutput)];
      supervisor.announceDraining();
      await Promise.all([app.get(RunsService).drain(drainMs), app.get(UnkeptRuns).drain(drainMs)]);
      await supervisor.closeAll();
      // Pending responses get a moment; connections that stay open longer are closed.
      const http: Server = app.getHttpServer();
      setTimeout(() => http.closeAllConnections(), LAST_ANSWERS_MS).unref();
      await app.close();
      await tracing.close(LAST_TRACES_MS);
      await output.written();
    },
  };
}

/** The page has its own policy for scripts and styles in a meta tag, with the hashes of its build. */
function securityHeaders({ publicUrl }: Config): ReturnType<typeof helmet> {
  const isSecure = publicUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: helmet.contentSecurityPolicy.dangerouslyDisableDefaultSrc,
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    // On insecure origins browsers ignore it and log a warning.
    crossOriginOpenerPolicy: isPrivateAddress(publicUrl),
    originAgentCluster: isPrivateAddress(publicUrl),
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    strictTransportSecurity: isSecure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
}

const noStore: express.RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** The packages for OpenAPI take 10 MB, so they are loaded at the first request. */
function describedOnDemand(): express.RequestHandler {
  let described: Promise<express.Express> | undefined;
  return (request, response, next) => {
    if (!request.path.startsWith(DOCS_PATH)) return next();
    described ??= import('./api-docs.js').then(({ describeApi }) => describeApi(DOCS_PATH));
    described.then((docs) => docs(request, response, next), next);
  };
}
