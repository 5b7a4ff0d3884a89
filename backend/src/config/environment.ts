import { z } from 'zod';
import { role } from '../protocol/index.js';
import { MIN_SECRET_LENGTH } from './checks/kept-secret.js';
import { modelPrices, priceCurrency } from './model-prices.js';
import { modelRequests } from './model-requests.js';
import { areNetworks } from './network.js';
import { telemetryVariables } from './telemetry/telemetry-variables.js';

/** The longest time of a timer; it also limits all sizes and numbers. */
const MOST = 2_147_483_647;
const wholeNumber = (least: number, most = MOST) => {
  const takes = `takes a whole number from ${least} to ${most}`;
  return z.coerce.number(takes).int(takes).min(least, takes).max(most, takes);
};
const count = (fallback: number): z.ZodType<number> => wholeNumber(1).default(fallback);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const secret = z.string().min(MIN_SECRET_LENGTH, `takes ${MIN_SECRET_LENGTH} characters or more`);

/** A time such as `6h`, in milliseconds. */
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const timeSpan = z
  .string()
  .regex(/^[1-9]\d{0,3}[mhd]$/, 'takes a number of minutes, hours or days up to 9999, such as 30m, 6h or 1d')
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]);
const address = z.url({ protocol: /^https?$/ });

/** The page and its cookies need the root of a host, so an address with a path is refused. */
function isOrigin(value: string): boolean {
  const url = URL.parse(value);
  return url === null || `${url.origin}/` === url.href;
}
const origin = address.refine(
  isOrigin,
  'takes an address without a path, such as https://chat.example.org: Lockstep needs a host name or a port of its own',
);

/** Only the form is validated here; the server at this address is checked when it is connected to. */
const postgresUrl =
  'takes postgresql://USER:PASSWORD@HOST/NAME; in the password # is written %23, / %2F, ? %3F, @ %40 and % %25';

/** Every variable, its valid values and its default. */
export const environment = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  PUBLIC_URL: origin.optional(),
  TRUSTED_PROXIES: list
    .refine(areNetworks, 'takes addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal')
    .default(['loopback']),
  APP_SECRET: secret.optional(),
  APP_SECRET_PREVIOUS: secret.optional(),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)/, 'takes sqlite:PATH or postgresql://...')
    .refine((text) => text.startsWith('sqlite:') || URL.canParse(text), postgresUrl)
    .optional(),
  LISTEN_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: postgresUrl }).optional(),
  LISTEN_NOTIFY: z.enum(['on', 'off']).default('on'),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'takes redis://HOST:PORT, or rediss:// with TLS' }).optional(),
  SQLITE_SYNCHRONOUS: z.enum(['normal', 'full']).default('normal'),
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GOOGLE_AUTHORIZATION_URL: address.optional(),
  GOOGLE_TOKEN_URL: address.optional(),
  GOOGLE_USERINFO_URL: address.optional(),
  GOOGLE_HOSTED_DOMAIN: z.string().optional(),
  GOOGLE_PROMPT: z
    .string()
    .regex(/^[a-z_ ]*$/, 'takes words such as select_account, or nothing')
    .default('select_account'),
  SIGN_IN_PROVIDERS: z.string().optional(),
  SIGN_IN_PROVIDERS_FILE: z.string().optional(),
  LOCAL_SIGN_IN: z.enum(['local', 'network']).default('local'),
  ADMIN_EMAILS: list.default([]),
  DEFAULT_ROLE: role.default('user'),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_API_KEY_FILE: z.string().optional(),
  OPENAI_BASE_URL: address.optional(),
  OPENAI_MODELS: list.default(['gpt-4.1', 'gpt-4o-mini']),
  SYSTEM_PROMPT: z
    .string()
    .default('You are a friendly assistant. Answer in the language of the question, and use Markdown where it helps.'),
  MODEL_REQUESTS: modelRequests.default(new Map()),
  MODEL_PRICES: modelPrices.default(new Map()),
  PRICE_CURRENCY: priceCurrency.default('USD'),
  MODEL_CONTEXT_TOKENS: count(100_000),
  MODEL_FIRST_TOKEN_MS: count(30_000),
  MODEL_BETWEEN_TOKENS_MS: count(30_000),
  MODEL_WALL_CLOCK_MS: count(600_000),
  MODEL_MAX_REPLY_LENGTH: count(400_000),
  MAX_SOCKETS_PER_USER: count(20),
  MAX_SOCKETS_PER_ADDRESS: count(2_000),
  MAX_SUBSCRIPTIONS_PER_SOCKET: count(50),
  MAX_EVENTS_PER_SECOND: count(20),
  MAX_EVENTS_BURST: count(40),
  MAX_SENDS_PER_MINUTE: count(30),
  MAX_REQUESTS_PER_USER: count(3_000),
  MAX_REQUESTS_PER_ADDRESS: count(6_000),
  MAX_HANDSHAKES_PER_ADDRESS: count(6_000),
  MAX_RUNS_PER_USER: count(2),
  MAX_FRAME_BYTES: count(100_000),
  LAGGING_BYTES: count(1024 * 1024),
  LAGGING_MS: count(15_000),
  DRAIN_MS: wholeNumber(0).default(20_000),
  KEEP_ALIVE_MS: count(10_000),
  DELETED_KEEP_MS: count(600_000),
  BACKUP_EVERY: timeSpan.optional(),
  BACKUP_KEEP: wholeNumber(1).optional(),
  WEBHOOK_PRIVATE: z.enum(['on', 'off']).default('off'),
  RETENTION_DAYS: wholeNumber(1).optional(),
  AUDIT_DAYS: wholeNumber(1, 36_500).optional(),
  METRICS_TOKEN: z.string().min(16, 'takes 16 characters or more').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ...telemetryVariables,
});
export type Environment = z.infer<typeof environment>;
