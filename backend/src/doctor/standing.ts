import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { deriveKey } from '../auth/derived-key.js';
import { type ProcessStanding, processStanding } from '../protocol/http/index.js';
import { ask } from './ask.js';

/** Where a process answers about itself. */
export const STANDING_PATH = '/api/meta/standing';
export const SIGNATURE_HEADER = 'x-lockstep-check';

/** Long enough to tell values apart. */
const DIGEST_LENGTH = 16;

/** A nonce and its signature, which only those can make who know `APP_SECRET`. It does not depend on clocks. */
export function sign(appSecret: string): string {
  const nonce = randomBytes(16).toString('hex');
  return `${nonce}.${hmac(appSecret, `request ${nonce}`)}`;
}

export function isSigned(appSecret: string, header: string): boolean {
  const [nonce = '', signature = ''] = header.split('.', 2);
  const [given, expected] = [Buffer.from(signature), Buffer.from(hmac(appSecret, `request ${nonce}`))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Digests by variable, to compare two configurations without showing their values. */
export const digestsOf = (
  appSecret: string,
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      hmac(appSecret, `${name}=${value}`).slice(0, DIGEST_LENGTH),
    ]),
  );

/** What was found at an address: a process with the same secret, or something else. */
export type Found =
  | { readonly kind: 'process'; readonly standing: ProcessStanding; readonly certificateEnds: string | undefined }
  | { readonly kind: 'other'; readonly status: number };

/** Asks the process at an address about itself. @throws what the socket throws */
export async function askStanding(origin: string, appSecret: string, signal: AbortSignal): Promise<Found> {
  const url = new URL(STANDING_PATH, origin);
  const { status, text, certificateEnds } = await ask(url, {
    signal,
    headers: { [SIGNATURE_HEADER]: sign(appSecret) },
  });
  const standing = status === 200 ? processStanding.safeParse(parse(text)).data : undefined;
  return standing ? { kind: 'process', standing, certificateEnds } : { kind: 'other', status };
}

/** The names of the variables that differ, and `version` if that does. */
export function differences(
  standing: Pick<ProcessStanding, 'settings' | 'version'>,
  own: Pick<ProcessStanding, 'settings' | 'version'>,
): readonly string[] {
  const names = new Set([...Object.keys(standing.settings), ...Object.keys(own.settings)]);
  const different = [...names].filter((name) => standing.settings[name] !== own.settings[name]).sort();
  return standing.version === own.version ? different : ['version', ...different];
}

const hmac = (appSecret: string, text: string): string =>
  createHmac('sha256', deriveKey(appSecret, 'system-check')).update(text).digest('hex');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
