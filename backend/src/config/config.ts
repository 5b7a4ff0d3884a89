import type { ModelPrice, Role } from '../protocol/index.js';
import type { RequestShape } from './model-requests.js';
import type { SignInProviderConfig } from './sign-in/sign-in-providers.js';
import type { LangSmithConfig } from './telemetry/langsmith-config.js';
import type { TelemetryConfig } from './telemetry/telemetry-config.js';

/** The whole configuration, read once at start and frozen. Times are in milliseconds, sizes in bytes. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0 lets the system choose; `publicUrl` does not follow it. */
  readonly port: number;
  /** The origin that browsers see, without a trailing slash. */
  readonly publicUrl: string;
  /** The proxies whose `X-Forwarded-For` is trusted, in the syntax of Express' `trust proxy`. */
  readonly trustedProxies: readonly string[];
  /** 32 bytes or more; signs tokens and encrypts the login cookie. */
  readonly appSecret: string;
  /** The secret that is accepted too, while it is being replaced. */
  readonly previousSecret: string | undefined;
  readonly dataDir: string;
  readonly database: DatabaseConfig;
  readonly bus: BusConfig;
  /** Google, or the local provider; `undefined` if only others are configured. */
  readonly google: GoogleConfig | undefined;
  /** The other sign-in providers, in the order of their buttons. */
  readonly providers: readonly SignInProviderConfig[];
  readonly adminEmails: ReadonlySet<string>;
  readonly defaultRole: Role;
  readonly models: ModelsConfig;
  readonly limits: Limits;
  readonly drainMs: number;
  /** How long a pending HTTP response may be silent before a line break is sent. */
  readonly keepAliveMs: number;
  /** How long a deletion can be undone. */
  readonly deletedKeepMs: number;
  /** Scheduled backups; `undefined`: none. */
  readonly backups: { readonly everyMs: number; readonly keep: number } | undefined;
  /** Whether webhooks may lead to private addresses and over plain http. */
  readonly allowsPrivateWebhooks: boolean;
  /** After how many days without use conversations are deleted; `undefined`: never. */
  readonly retentionDays: number | undefined;
  /** How many days entries of the audit are kept; `undefined` for ever. */
  readonly auditDays: number | undefined;
  readonly logLevel: string;
  /** The bearer token for `/metrics`; without one there are no metrics. */
  readonly metricsToken: string | undefined;
  /** Where traces and logs are exported to; `undefined`: nowhere. */
  readonly telemetry: TelemetryConfig | undefined;
  /** What the log says about the configuration once the server listens. */
  readonly warnings: readonly string[];
  /** The variables that all of this was read from, by their names of today. They contain secrets. */
  readonly variables: Readonly<Record<string, string>>;
}

export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly path: string; readonly synchronous: 'normal' | 'full' }
  | { readonly kind: 'postgresql'; readonly url: string };

/** How processes on the same database exchange commits. */
export type BusConfig =
  | { readonly kind: 'none' }
  /** `url`: the address to listen at, if it is not that of the database. */
  | { readonly kind: 'notify'; readonly url: string | undefined }
  | { readonly kind: 'redis'; readonly url: string };

export interface GoogleConfig {
  /** Under which identities are stored. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly userinfoUrl: string;
  readonly hostedDomain: string | undefined;
  /** OpenID's `prompt`; `undefined` omits it, for providers that do not support `select_account`. */
  readonly prompt: string | undefined;
  /** Whether the local provider is used instead of Google; never in production. */
  readonly isLocal: boolean;
  /** Which clients the local provider answers: those on this machine, unless the configuration opens it. */
  readonly localReach: 'local' | 'network';
}

export interface ModelsConfig {
  /** At the start, if it is in a file. */
  readonly apiKey: string;
  /** The file that has the key, read for each request. */
  readonly apiKeyFile: string | undefined;
  /** `undefined`: the address of OpenAI. */
  readonly baseUrl: string | undefined;
  /** Never empty; the first is the default. */
  readonly allowed: readonly [string, ...string[]];
  readonly systemPrompt: string;
  /** The highest number of tokens of system prompt and history in a request. */
  readonly contextTokens: number;
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  readonly wallClockMs: number;
  /** The longest reply, in UTF-16 units. */
  readonly maxReplyLength: number;
  /** The shapes of requests, by the id of the model. */
  readonly requests: ReadonlyMap<string, RequestShape>;
  /** Prices by the id of the model, with at most six decimal places; the cost of other models is unknown. */
  readonly prices: ReadonlyMap<string, ModelPrice>;
  /** ISO 4217. */
  readonly currency: string;
  /** Whether the configured OpenAI-compatible server receives the W3C `traceparent` of its requests; OpenAI never does. */
  readonly sendsTraceparent: boolean;
  /** Receives prompts and replies; `undefined`: they stay here. */
  readonly langSmith: LangSmithConfig | undefined;
  /** Whether the local model server is used; never in production. */
  readonly isLocal: boolean;
}

export interface Limits {
  readonly socketsPerUser: number;
  readonly socketsPerAddress: number;
  readonly subscriptionsPerSocket: number;
  readonly eventsPerSecond: number;
  readonly eventsBurst: number;
  readonly sendsPerMinute: number;
  /** HTTP requests of a signed-in user within a minute, on all processes together. */
  readonly requestsPerUser: number;
  /** HTTP requests of an address without a sign-in within a minute, on all processes together. */
  readonly requestsPerAddress: number;
  /** Sockets that an address opens within a minute, on all processes together. */
  readonly handshakesPerAddress: number;
  readonly runsPerUser: number;
  readonly frameBytes: number;
  /** A socket with this many unsent bytes, or with unsent bytes of this age, is removed from its rooms. */
  readonly laggingBytes: number;
  readonly laggingMs: number;
}
