import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { timeOfDay } from '../../clock.js';
import { codeOf, systemReason } from '../../config/checks/system-reason.js';
import type { Config } from '../../config/config.js';
import { type Check, type Found, note, ok, problem } from '../findings.js';

const MEGABYTE = 1024 * 1024;
const DAY_MS = 86_400_000;
const LEAST_MB = 200;
const ENOUGH_MB = 1_000;
const OLD_DAYS = 7;

/** The folders of the installation: whether they can be written, their free space, and the age of the backups. */
export const checkStorage = ({ dataDir, database }: Config): Check => ({
  area: 'storage',
  limitMs: 5_000,
  run: async () => {
    const folders = new Set([dataDir, ...(database.kind === 'sqlite' ? [dirname(database.path)] : [])]);
    const found = await Promise.all([...folders].map((folder) => look(folder)));
    const isUsable = found.flat().every(({ id }) => id !== 'folder_unusable');
    return [...found.flat(), ...(isUsable ? [await backups(join(dataDir, 'backups'))] : [])];
  },
});

async function look(folder: string): Promise<Found[]> {
  const place = await existing(folder);
  const reason = await refusal(place);
  if (reason !== undefined) return [problem('folder_unusable', { path: folder, reason })];
  const { bavail, bsize } = await statfs(place);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  const params = { free, path: folder };
  if (free >= ENOUGH_MB) return [ok('disk_ok', params)];
  return [free < LEAST_MB ? problem('disk_low', params) : note('disk_low', params)];
}

/** The folder, or the nearest one above it that exists: there it would be created. */
async function existing(folder: string): Promise<string> {
  const error: unknown = await stat(folder).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const above = dirname(folder);
  return codeOf(error) === 'ENOENT' && above !== folder ? existing(above) : folder;
}

async function refusal(folder: string): Promise<string | undefined> {
  try {
    if (!(await stat(folder)).isDirectory()) return systemReason({ code: 'EEXIST' });
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return systemReason(error) ?? codeOf(error);
  }
}

/** Those of before a migration or a restore are made by chance. */
const PLANNED = /^(scheduled-)?(\d.*\.(db|dump))$/;

async function backups(path: string): Promise<Found> {
  const names = await readdir(path).catch(() => []);
  // Without the reason, names sort by time.
  const timeOf = (name: string): string => PLANNED.exec(name)?.[2] ?? '';
  const file = names.filter((name) => PLANNED.test(name)).reduce((a, b) => (timeOf(a) > timeOf(b) ? a : b), '');
  if (file === '') return note('backup_none', { path });
  const { mtimeMs } = await stat(join(path, file));
  const days = Math.max(0, Math.floor((timeOfDay() - mtimeMs) / DAY_MS));
  return days > OLD_DAYS ? note('backup_old', { path, days }) : ok('backup_recent', { file, days });
}
