import type { Setting, SettingSource } from '../../protocol/http/index.js';
import { environment } from '../environment.js';
import { MASK, isSecretName, maskedValue } from './masked.js';

/** The names of all variables. */
export const KNOWN_NAMES: readonly string[] = Object.keys(environment.shape);

const DEFAULTS: Readonly<Record<string, unknown>> = environment.parse({});
const MAX_SHOWN = 120;

/** What the sources of values are found out from. */
interface GivenSettings {
  /** By their names of today, without empty ones. */
  readonly variables: Readonly<Record<string, string>>;
  /** The variables in `.env`. */
  readonly file: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly hasKeptSecret: boolean;
}

/** Every variable with its value, or what applies in its place. Secrets are masked. */
export const settingList = (given: GivenSettings): readonly Setting[] =>
  KNOWN_NAMES.map((name) => {
    const value = given.variables[name];
    if (value === undefined) return { name, ...impliedValue(name, given) };
    const source: SettingSource = given.file[name] === value ? 'env_file' : 'environment';
    return { name, value: shown(maskedValue(name, value)), source };
  });

function impliedValue(name: string, given: GivenSettings): Pick<Setting, 'value' | 'source'> {
  const derived = DERIVED[name]?.(given);
  if (derived !== undefined) return { value: derived, source: 'derived' };
  if (name === 'APP_SECRET' && given.hasKeptSecret) return { value: MASK, source: 'kept' };
  const fallback = isSecretName(name) ? undefined : DEFAULTS[name];
  const value = typeof fallback === 'number' ? String(fallback) : textOf(fallback);
  return value === '' ? { value, source: 'unset' } : { value: shown(value), source: 'default' };
}

const DERIVED: Readonly<Record<string, (given: GivenSettings) => string | undefined>> = {
  PUBLIC_URL: ({ variables }) => `http://localhost:${variables['PORT'] ?? String(DEFAULTS['PORT'])}`,
  DATABASE_URL: ({ dataDir }) => `sqlite:${dataDir}/chat.db`,
  LISTEN_DATABASE_URL: ({ variables: { DATABASE_URL = '', LISTEN_NOTIFY, REDIS_URL } }) =>
    DATABASE_URL.startsWith('postgres') && LISTEN_NOTIFY !== 'off' && REDIS_URL === undefined
      ? maskedValue('DATABASE_URL', DATABASE_URL)
      : undefined,
};

/** Defaults that are objects are empty ones. */
const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : '';

const shown = (value: string): string => (value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
