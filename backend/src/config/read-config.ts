import { join, resolve } from 'node:path';
import { CannotStart } from './checks/cannot-start.js';
import type { Config, DatabaseConfig, GoogleConfig, ModelsConfig } from './config.js';
import { environment, type Environment } from './environment.js';
import { renameVariables } from './former-names.js';
import { halfScheduled, readBackups } from './backup-config.js';
import { readKeyFile, twoKeys } from './checks/key-file.js';
import { halfConfigured, waysIn } from './checks/half-configured.js';
import { busProblems, readBus } from './bus-config.js';
import { halfRotated, keptSecret } from './checks/kept-secret.js';
import { needsPackage } from './model-ids.js';
import { readSignInProviders } from './sign-in/sign-in-providers.js';
import { langSmithProblems, readLangSmith } from './telemetry/langsmith-config.js';
import { readTelemetry, telemetryWarnings } from './telemetry/telemetry-config.js';

/** The configuration is invalid; the message has each wrong variable and its valid values. */
export class ConfigError extends CannotStart {
  override readonly name = 'ConfigError';
}

/** https://accounts.google.com/.well-known/openid-configuration */
const GOOGLE = {
  authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
  userinfoUrl: 'https://openidconnect.googleapis.com/v1/userinfo',
};

const MEANT_EMPTY: ReadonlySet<string> = new Set(['GOOGLE_PROMPT', 'SYSTEM_PROMPT']);

/**
 * Converts the environment to the frozen `Config`. Empty values are treated as unset, except for the variables of
 * `MEANT_EMPTY`.
 * @throws ConfigError with every variable that is invalid, or that is required by production or by another variable
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const { variables, warnings, problems: renamed } = renameVariables(givenVariables(env));
  if (renamed.length > 0) throw new ConfigError(renamed.join('\n'));
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const values = parsed.data;
  const production = values.NODE_ENV === 'production';
  if (production) refuseLocalServices(values);
  const dataDir = resolve(values.DATA_DIR);
  const database = readDatabase(values, dataDir);
  const { providers, problems: wrongProviders } = readSignInProviders(values);
  const { telemetry, problems: wrongTelemetry } = readTelemetry(values);
  const problems = [
    ...halfConfigured(values),
    ...wrongProviders,
    ...busProblems(values, database),
    ...wrongTelemetry,
    ...langSmithProblems(values),
    ...halfRotated(values),
    ...halfScheduled(values),
    ...twoKeys(values),
  ];
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  const publicUrl = new URL(values.PUBLIC_URL ?? `http://localhost:${values.PORT}`).origin;
  const google = readGoogle(values, publicUrl, providers.length > 0);
  if (google && providers.some(({ formerIssuers }) => formerIssuers.includes(google.issuer))) {
    const reason = 'is the issuer of GOOGLE_AUTHORIZATION_URL, which is still set: remove that variable';
    throw new ConfigError(`SIGN_IN_PROVIDERS: formerIssuers: ${google.issuer} ${reason}`);
  }
  return Object.freeze<Config>({
    production,
    host: values.HOST,
    port: values.PORT,
    publicUrl,
    trustedProxies: values.TRUSTED_PROXIES,
    appSecret: values.APP_SECRET ?? keptSecret(dataDir),
    previousSecret: values.APP_SECRET_PREVIOUS,
    dataDir,
    database,
    bus: readBus(values, database),
    google,
    providers,
    adminEmails: readAdminEmails(values, google),
    defaultRole: values.DEFAULT_ROLE,
    models: readModels(values),
    limits: {
      socketsPerUser: values.MAX_SOCKETS_PER_USER,
      socketsPerAddress: values.MAX_SOCKETS_PER_ADDRESS,
      subscriptionsPerSocket: values.MAX_SUBSCRIPTIONS_PER_SOCKET,
      eventsPerSecond: values.MAX_EVENTS_PER_SECOND,
      eventsBurst: values.MAX_EVENTS_BURST,
      sendsPerMinute: values.MAX_SENDS_PER_MINUTE,
      requestsPerUser: values.MAX_REQUESTS_PER_USER,
      requestsPerAddress: values.MAX_REQUESTS_PER_ADDRESS,
      handshakesPerAddress: values.MAX_HANDSHAKES_PER_ADDRESS,
      runsPerUser: values.MAX_RUNS_PER_USER,
      frameBytes: values.MAX_FRAME_BYTES,
      laggingBytes: values.LAGGING_BYTES,
      laggingMs: values.LAGGING_MS,
    },
    drainMs: values.DRAIN_MS,
    keepAliveMs: values.KEEP_ALIVE_MS,
    deletedKeepMs: values.DELETED_KEEP_MS,
    backups: readBackups(values),
    allowsPrivateWebhooks: values.WEBHOOK_PRIVATE === 'on',
    retentionDays: values.RETENTION_DAYS,
    auditDays: values.AUDIT_DAYS,
    logLevel: values.LOG_LEVEL,
    metricsToken: values.METRICS_TOKEN,
    telemetry,
    warnings: [...warnings, ...telemetryWarnings(values)],
    variables,
  });
}

/** The variables that are set; empty ones count as unset. */
export function givenVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (value.trim() !== '' || MEANT_EMPTY.has(name))) given[name] = value;
  }
  return given;
}

function refuseLocalServices(values: Environment): void {
  const missing: string[] = [];
  if (!values.APP_SECRET)
    missing.push('APP_SECRET: production needs 32 characters or more, for example from `openssl rand -hex 32`');
  if (!values.PUBLIC_URL) missing.push('PUBLIC_URL: production needs the address that browsers see');
  const hasProviders = values.SIGN_IN_PROVIDERS !== undefined || values.SIGN_IN_PROVIDERS_FILE !== undefined;
  if (!hasGoogle(values) && !hasProviders) {
    missing.push('GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET or SIGN_IN_PROVIDERS: production has no local provider');
  }
  if (usesLocalModel(values)) {
    missing.push(
      'OPENAI_API_KEY or OPENAI_BASE_URL: production has no local model (or name models of other providers ' +
        'alone in OPENAI_MODELS, as provider:model)',
    );
  }
  if (missing.length > 0) throw new ConfigError(missing.join('\n'));
}

function readDatabase(values: Environment, dataDir: string): DatabaseConfig {
  const url = values.DATABASE_URL ?? `sqlite:${join(dataDir, 'chat.db')}`;
  if (!url.startsWith('sqlite:')) return { kind: 'postgresql', url };
  return { kind: 'sqlite', path: resolve(url.slice('sqlite:'.length)), synchronous: values.SQLITE_SYNCHRONOUS };
}

const hasGoogle = (values: Environment): boolean =>
  values.GOOGLE_CLIENT_ID !== undefined && values.GOOGLE_CLIENT_SECRET !== undefined;

/**
 * Google if it is configured, else the local provider. Beside other providers, that one is left out where other machines
 * could reach it.
 */
function readGoogle(values: Environment, publicUrl: string, hasOthers: boolean): GoogleConfig | undefined {
  const hostedDomain = values.GOOGLE_HOSTED_DOMAIN;
  const prompt = values.GOOGLE_PROMPT.trim() || undefined;
  const localReach = values.LOCAL_SIGN_IN;
  if (values.GOOGLE_CLIENT_ID && values.GOOGLE_CLIENT_SECRET) {
    const authorizationUrl = values.GOOGLE_AUTHORIZATION_URL ?? GOOGLE.authorizationUrl;
    return {
      issuer: issuerOf(authorizationUrl),
      clientId: values.GOOGLE_CLIENT_ID,
      clientSecret: values.GOOGLE_CLIENT_SECRET,
      authorizationUrl,
      tokenUrl: values.GOOGLE_TOKEN_URL ?? GOOGLE.tokenUrl,
      userinfoUrl: values.GOOGLE_USERINFO_URL ?? GOOGLE.userinfoUrl,
      hostedDomain,
      prompt,
      isLocal: false,
      localReach,
    };
  }
  if (hasOthers && (values.NODE_ENV === 'production' || waysIn(values).length > 0)) return undefined;
  return {
    issuer: 'local',
    clientId: 'lockstep-local',
    clientSecret: 'the-local-provider-needs-no-secret',
    authorizationUrl: `${publicUrl}${LOCAL_PROVIDER_PATH}/auth`,
    tokenUrl: `${ownAddress(values)}${LOCAL_PROVIDER_PATH}/token`,
    userinfoUrl: `${ownAddress(values)}${LOCAL_PROVIDER_PATH}/me`,
    hostedDomain,
    prompt,
    isLocal: true,
    localReach,
  };
}

/**
 * Google's issuer. The issuer of another provider is not known, so its authorization endpoint stands for it: unlike its
 * host, that differs between realms.
 */
function issuerOf(authorizationUrl: string): string {
  const { origin: host, pathname } = new URL(authorizationUrl);
  return host === 'https://accounts.google.com' ? host : host + pathname;
}

/** There has to be an admin: with the local provider it is one of its accounts, unless others are named. */
function readAdminEmails(values: Environment, google: GoogleConfig | undefined): ReadonlySet<string> {
  const emails = values.ADMIN_EMAILS.length === 0 && google?.isLocal ? [LOCAL_ADMIN_EMAIL] : values.ADMIN_EMAILS;
  return new Set(emails.map((email) => email.toLowerCase()));
}

function readModels(values: Environment): ModelsConfig {
  const [first, ...others] = values.OPENAI_MODELS;
  if (!first) throw new ConfigError('OPENAI_MODELS: takes at least one model');
  const isLocal = usesLocalModel(values);
  const file = values.OPENAI_API_KEY_FILE && resolve(values.OPENAI_API_KEY_FILE);
  return {
    apiKey: file === undefined ? (values.OPENAI_API_KEY ?? 'none') : readKeyFile('OPENAI_API_KEY_FILE', file),
    apiKeyFile: file,
    baseUrl: isLocal ? `${ownAddress(values)}${LOCAL_MODEL_PATH}` : values.OPENAI_BASE_URL,
    allowed: [first, ...others],
    systemPrompt: values.SYSTEM_PROMPT,
    contextTokens: values.MODEL_CONTEXT_TOKENS,
    firstTokenMs: values.MODEL_FIRST_TOKEN_MS,
    betweenTokensMs: values.MODEL_BETWEEN_TOKENS_MS,
    wallClockMs: values.MODEL_WALL_CLOCK_MS,
    maxReplyLength: values.MODEL_MAX_REPLY_LENGTH,
    requests: values.MODEL_REQUESTS,
    prices: values.MODEL_PRICES,
    currency: values.PRICE_CURRENCY,
    sendsTraceparent: values.MODEL_TRACEPARENT === 'on',
    langSmith: readLangSmith(values),
    isLocal,
  };
}

/**
 * Whether some model has no configured server. A compatible server on the local network often needs no key, and models
 * of other providers have their own keys.
 */
const usesLocalModel = (values: Environment): boolean =>
  !values.OPENAI_API_KEY &&
  !values.OPENAI_API_KEY_FILE &&
  !values.OPENAI_BASE_URL &&
  !values.OPENAI_MODELS.every(needsPackage);

/**
 * The address at which the server reaches itself: `PUBLIC_URL` may belong to a proxy that is not reachable from here.
 */
export function ownAddress({ HOST, PORT }: Pick<Environment, 'HOST' | 'PORT'>): string {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

/** The account of the local provider that is an admin. */
export const LOCAL_ADMIN_EMAIL = 'ada@example.com';

/** Where the local services are mounted in this very server. */
export const LOCAL_PROVIDER_PATH = '/local/google';
export const LOCAL_MODEL_PATH = '/local/openai/v1';
