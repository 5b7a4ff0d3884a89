import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ProcessStanding } from '../protocol/http/index.js';
import { digestsOf } from './standing.js';

const manifest = z.object({ version: z.string() });

/** The same depth below the package in `backend/` and in `dist/`. */
const PACKAGE = new URL('../../../package.json', import.meta.url);
const PROCESS_ID = randomUUID();

/** What this program is, for a comparison with other processes. */
export const ownStanding = (
  appSecret: string,
  variables: Readonly<Record<string, string>>,
): Pick<ProcessStanding, 'process' | 'version' | 'settings'> => ({
  process: PROCESS_ID,
  version: manifest.parse(JSON.parse(readFileSync(PACKAGE, 'utf8'))).version,
  settings: digestsOf(appSecret, variables),
});
