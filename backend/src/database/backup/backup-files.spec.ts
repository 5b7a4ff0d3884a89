import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { forgetOldBackups, nameBackup } from './backup-files.js';

describe('backups before migrations', () => {
  let dataDir: string;
  beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), 'lockstep-backups-'))));
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(dataDir, { recursive: true });
  });
  const makeAt = (time: number): string => {
    jest.spyOn(Date, 'now').mockReturnValue(time);
    const path = nameBackup(dataDir, 'before-migration', 'db');
    writeFileSync(path, '');
    forgetOldBackups(dataDir, path);
    return path;
  };
  const kept = (): string[] => readdirSync(join(dataDir, 'backups')).map((name) => join(dataDir, 'backups', name));

  it('are the last five', () => {
    const made = [1, 2, 3, 4, 5, 6, 7].map((day) => makeAt(day * 86_400_000));
    expect(kept()).toEqual(made.slice(2));
  });

  it('stay when they were just made, even if the clock was set back', () => {
    const made = [3, 4, 5, 6, 7].map((day) => makeAt(day * 86_400_000));
    const last = makeAt(1);
    expect(kept()).toEqual([last, ...made.slice(1)]);
  });
});
