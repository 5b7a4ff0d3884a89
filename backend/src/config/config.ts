import type { ModelPrice, Role } from '../protocol/index.js';
import type { RequestShape } from './model-requests.js';

/** The whole configuration, read once at start and frozen. Times are in milliseconds, sizes in bytes. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0 lets the system choose; `publicUrl` does not follow it. */
  readonly port: number;
  /** Origin that the browser sees, without a slash at the end. */
  readonly publicUrl: string;
  /** Whose word about a client's address is taken, as Express reads it. */
  readonly trustedProxies: readonly string[];
  /** 32 bytes or more; signs tokens and encrypts the login cookie. */
  readonly appSecret: string;
  readonly dataDir: string;
  readonly database: DatabaseConfig;
  readonly bus: BusConfig;
  readonly google: GoogleConfig;
  readonly adminEmails: ReadonlySet<string>;
  readonly defaultRole: Role;
  readonly models: ModelsConfig;
  readonly limits: Limits;
  readonly drainMs: number;
  /** How long an answer over HTTP that is waited for may stay silent. */
  readonly keepAliveMs: number;
  /** For how long a deletion can be undone. */
  readonly deletedKeepMs: number;
  readonly logLevel: string;
  /** Whoever asks for `/metrics` shows it; without one there are no metrics. */
  readonly metricsToken: string | undefined;
  /** What the log says about the configuration once the server listens. */
  readonly warnings: readonly string[];
}

export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly path: string; readonly synchronous: 'normal' | 'full' }
  | { readonly kind: 'postgresql'; readonly url: string };

/** How processes on one database tell each other what they commit. */
export type BusConfig =
  | { readonly kind: 'none' }
  /** `url`: where to listen, if not by the way of everything else. */
  | { readonly kind: 'notify'; readonly url: string | undefined }
  | { readonly kind: 'redis'; readonly url: string };

export interface GoogleConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly userinfoUrl: string;
  readonly hostedDomain: string | undefined;
  /** OpenID's `prompt`; `undefined` leaves it out, for providers that do not know `select_account`. */
  readonly prompt: string | undefined;
  /** The local provider answers instead of Google; never in production. */
  readonly isLocal: boolean;
  /** Whom the local provider answers: this machine alone, unless the configuration opens it. */
  readonly localReach: 'local' | 'network';
}

export interface ModelsConfig {
  readonly apiKey: string;
  /** `undefined`: OpenAI's own address. */
  readonly baseUrl: string | undefined;
  /** Never empty; the first is the default. */
  readonly allowed: readonly [string, ...string[]];
  readonly systemPrompt: string;
  /** How many tokens of history and system prompt are sent at most. */
  readonly contextTokens: number;
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  readonly wallClockMs: number;
  /** The longest reply, in UTF-16 units. */
  readonly maxReplyLength: number;
  /** How a model is asked, by its id. */
  readonly requests: ReadonlyMap<string, RequestShape>;
  /** By the model's id, with six digits behind the point at most; one that is missing costs nobody knows what. */
  readonly prices: ReadonlyMap<string, ModelPrice>;
  /** ISO 4217. */
  readonly currency: string;
  /** The local model server answers; never in production. */
  readonly isLocal: boolean;
}

export interface Limits {
  readonly socketsPerUser: number;
  readonly socketsPerAddress: number;
  readonly subscriptionsPerSocket: number;
  readonly eventsPerSecond: number;
  readonly eventsBurst: number;
  readonly sendsPerMinute: number;
  readonly runsPerUser: number;
  readonly frameBytes: number;
  /** So much unsent, or for so long, and a socket is taken out of its rooms. */
  readonly laggingBytes: number;
  readonly laggingMs: number;
}
