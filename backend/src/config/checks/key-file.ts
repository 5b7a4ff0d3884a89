import { readFileSync } from 'node:fs';
import { CannotStart } from './cannot-start.js';
import { systemReason } from './system-reason.js';

/** Reads a key from the file of a setting. @throws CannotStart when it cannot be read, or is empty */
export function readKeyFile(variable: string, path: string): string {
  try {
    const key = readFileSync(path, 'utf8').trim();
    if (key !== '') return key;
  } catch (error) {
    const reason = systemReason(error) ?? String(error);
    throw new CannotStart(`${variable}: ${path} cannot be read: ${reason}.`, { cause: error });
  }
  throw new CannotStart(`${variable}: ${path} is empty, and should hold the key.`);
}

/** What is wrong with a key in two places, a sentence for it. */
export const twoKeys = (settings: {
  readonly OPENAI_API_KEY?: string | undefined;
  readonly OPENAI_API_KEY_FILE?: string | undefined;
}): string[] =>
  settings.OPENAI_API_KEY !== undefined && settings.OPENAI_API_KEY_FILE !== undefined
    ? ['OPENAI_API_KEY_FILE: OPENAI_API_KEY is set too; set only one of them']
    : [];
