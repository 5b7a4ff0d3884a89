import type { BusConfig, DatabaseConfig } from './config.js';

/** The variables of the way between processes; as they were given, empty ones left out. */
export interface BusSettings {
  readonly LISTEN_DATABASE_URL?: string | undefined;
  readonly LISTEN_NOTIFY: 'on' | 'off';
  readonly REDIS_URL?: string | undefined;
}

/** What makes no sense beside the database, a sentence for each. */
export function busProblems({ LISTEN_DATABASE_URL, REDIS_URL }: BusSettings, { kind }: DatabaseConfig): string[] {
  if (kind === 'postgresql') return [];
  const given = Object.entries({ LISTEN_DATABASE_URL, REDIS_URL }).filter(([, value]) => value !== undefined);
  return given.map(
    ([name]) => `${name}: is for several processes on PostgreSQL (DATABASE_URL); SQLite serves one process alone`,
  );
}

/** Redis where one is named, else what PostgreSQL has itself; nothing on SQLite. */
export function readBus(settings: BusSettings, { kind }: DatabaseConfig): BusConfig {
  if (kind === 'sqlite') return { kind: 'none' };
  if (settings.REDIS_URL !== undefined) return { kind: 'redis', url: settings.REDIS_URL };
  return settings.LISTEN_NOTIFY === 'off' ? { kind: 'none' } : { kind: 'notify', url: settings.LISTEN_DATABASE_URL };
}
