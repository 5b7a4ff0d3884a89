import { z } from 'zod';

/** The parts of an installation that the system check looks at, in the order of its report. */
export const CHECK_AREAS = [
  'configuration',
  'server',
  'storage',
  'database',
  'bus',
  'model',
  'sign_in',
  'address',
] as const;
const checkArea = z.enum(CHECK_AREAS);
export type CheckArea = z.infer<typeof checkArea>;

/** Everything that a check can find. The server has an English sentence for each, the page one in each language. */
const FINDING_IDS = [
  'config_ok',
  'config_invalid',
  'config_misspelled',
  'config_unknown',
  'config_former',
  'config_overridden',
  'secret_unusable',
  'node_ok',
  'node_other',
  'server_running',
  'server_stopped',
  'server_foreign',
  'server_differs',
  'port_unusable',
  'memory_ok',
  'memory_low',
  'memory_heap',
  'files_ok',
  'files_low',
  'clock_ok',
  'clock_wrong',
  'disk_ok',
  'disk_low',
  'folder_unusable',
  'backup_recent',
  'backup_old',
  'backup_none',
  'database_ok',
  'database_new',
  'database_unusable',
  'database_encoding',
  'migrations_ok',
  'migrations_pending',
  'migrations_newer',
  'notifications_ok',
  'notifications_lost',
  'redis_ok',
  'redis_old',
  'redis_unusable',
  'model_ok',
  'model_local',
  'model_key',
  'model_unknown',
  'model_quota',
  'model_busy',
  'model_unreachable',
  'model_tls',
  'model_late',
  'model_failed',
  'sign_in_ok',
  'sign_in_local',
  'sign_in_unreachable',
  'sign_in_issuer',
  'sign_in_metadata',
  'sign_in_client',
  'address_ok',
  'address_unchecked',
  'address_unreachable',
  'address_tls',
  'address_elsewhere',
  'certificate_ends',
  'web_socket_ok',
  'web_socket_blocked',
  'origin_refused',
  'client_address_ok',
  'client_address_hidden',
  'client_address_missing',
  'check_late',
  'check_failed',
] as const;
const findingId = z.enum(FINDING_IDS);
export type FindingId = z.infer<typeof findingId>;

/** `problem`: something does not work, or will not; `note`: it works, and should be known. */
export const FINDING_STATUSES = ['ok', 'note', 'problem'] as const;
const findingStatus = z.enum(FINDING_STATUSES);
export type FindingStatus = z.infer<typeof findingStatus>;

/** One result. `params` fill the places `{name}` of its sentence, and never contain a secret. */
const finding = z.object({
  id: findingId,
  area: checkArea,
  status: findingStatus,
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Finding = Readonly<z.infer<typeof finding>>;

/** Where a value comes from; `kept`: from a file in `DATA_DIR`, `derived`: from another variable. */
const SETTING_SOURCES = ['environment', 'env_file', 'kept', 'derived', 'default', 'unset'] as const;
const settingSource = z.enum(SETTING_SOURCES);
export type SettingSource = z.infer<typeof settingSource>;

/** A variable with its value; secrets are masked. */
const setting = z.object({ name: z.string(), value: z.string(), source: settingSource });
export type Setting = Readonly<z.infer<typeof setting>>;

/** The result of a system check. `at`: when it ended, in milliseconds since 1970. */
export const systemCheck = z.object({
  at: z.int().nonnegative(),
  tookMs: z.int().nonnegative(),
  findings: z.array(finding).readonly(),
  settings: z.array(setting).readonly(),
});
export type SystemCheck = Readonly<z.infer<typeof systemCheck>>;

/** What a process says about itself and about the request, to a system check with the same `APP_SECRET`. */
export const processStanding = z.object({
  /** A random id of the process. */
  process: z.string(),
  version: z.string(),
  /** Digests of the values of the variables that are set. */
  settings: z.record(z.string(), z.string()),
  /** The address of the client as the rate limits and the audit see it; `null` if it is not known. */
  address: z.string().nullable(),
  /** The address that the connection comes from, and whether it is one of `TRUSTED_PROXIES`. */
  peer: z.string().nullable(),
  isPeerTrusted: z.boolean(),
  hasForwardedFor: z.boolean(),
});
export type ProcessStanding = Readonly<z.infer<typeof processStanding>>;
