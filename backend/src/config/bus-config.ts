import type { BusConfig, DatabaseConfig } from './config.js';

/** The variables of the bus between processes, without empty ones. */
export interface BusSettings {
  readonly LISTEN_DATABASE_URL?: string | undefined;
  readonly LISTEN_NOTIFY: 'on' | 'off';
  readonly REDIS_URL?: string | undefined;
}

/** A message for each variable that does not fit the database. */
export function busProblems({ LISTEN_DATABASE_URL, REDIS_URL }: BusSettings, { kind }: DatabaseConfig): string[] {
  if (kind === 'postgresql') return [];
  const given = Object.entries({ LISTEN_DATABASE_URL, REDIS_URL }).filter(([, value]) => value !== undefined);
  return given.map(
    ([name]) => `${name}: is for several processes on PostgreSQL (DATABASE_URL); SQLite serves one process alone`,
  );
}

/** Redis if it is configured, else LISTEN and NOTIFY of PostgreSQL; no bus on SQLite. */
export function readBus(settings: BusSettings, { kind }: DatabaseConfig): BusConfig {
  if (kind === 'sqlite') return { kind: 'none' };
  if (settings.REDIS_URL !== undefined) return { kind: 'redis', url: settings.REDIS_URL };
  return settings.LISTEN_NOTIFY === 'off' ? { kind: 'none' } : { kind: 'notify', url: settings.LISTEN_DATABASE_URL };
}
