import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../config/read-config.js';
import { checkStorage } from './check-storage.js';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lockstep-storage-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

it.each([
  ['no file at all', [], 'backup_none', undefined],
  ['only one from before a migration', ['before-migration-2026-11-26T10-00-00.000Z.db'], 'backup_none', undefined],
  ['an older scheduled one', ['2026-11-26.db', 'scheduled-2026-11-25.db'], 'backup_recent', '2026-11-26.db'],
  ['a newer scheduled one', ['2026-11-26.db', 'scheduled-2026-11-27.db'], 'backup_recent', 'scheduled-2026-11-27.db'],
  ['one that is not finished', ['scheduled-2026-11-27.db.unfinished'], 'backup_none', undefined],
])('with %s the last backup is named', async (_, files, id, file) => {
  mkdirSync(join(dataDir, 'backups'));
  for (const name of files) writeFileSync(join(dataDir, 'backups', name), 'rows');
  const found = await checkStorage(readConfig({ DATA_DIR: dataDir })).run(AbortSignal.timeout(10_000));
  const last = found.at(-1);
  expect([last?.id, last?.params?.['file']]).toEqual([id, file]);
});
