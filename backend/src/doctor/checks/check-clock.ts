import { momentOf, timeOfDay } from '../../clock.js';
import type { Config } from '../../config/config.js';
import { addressOfModel } from '../../models/open-model.js';
import { ask } from '../ask.js';
import { type Check, type Found, ok, problem } from '../findings.js';

/** Sign-in providers and their libraries allow a difference of this size. */
const MOST_MS = 30_000;
const LIMIT_MS = 6_000;
/** HTTP dates are cut off to seconds. */
const CUT_OFF_MS = 500;

/** Compares the clock of this machine with those of the servers that Lockstep uses. */
export const checkClock = (config: Config): readonly Check[] =>
  originsOf(config).map((origin) => ({
    area: 'server',
    limitMs: LIMIT_MS,
    run: async () => compare(origin),
  }));

/** @param aheadMs how far the other clock is ahead */
export function judgeClock(source: string, aheadMs: number): Found {
  if (Math.abs(aheadMs) <= MOST_MS) return ok('clock_ok', { source });
  return problem('clock_wrong', { source, seconds: Math.round(Math.abs(aheadMs) / 1000) });
}

async function compare(origin: string): Promise<Found[]> {
  const askedAt = timeOfDay();
  try {
    const { headers } = await ask(new URL(origin), { method: 'HEAD', signal: AbortSignal.timeout(LIMIT_MS - 1_000) });
    const time = momentOf(headers.date ?? '') + CUT_OFF_MS;
    return Number.isNaN(time) ? [] : [judgeClock(new URL(origin).host, time - (askedAt + timeOfDay()) / 2)];
  } catch {
    // What the server is for is checked elsewhere.
    return [];
  }
}

function originsOf({ models, google, providers }: Config): readonly string[] {
  const addresses = [
    ...(models.isLocal ? [] : models.allowed.map((id) => addressOfModel(id, models))),
    ...(google && !google.isLocal ? [google.tokenUrl] : []),
    ...providers.map(({ issuer }) => issuer),
  ];
  return [...new Set(addresses.flatMap((address) => (address === undefined ? [] : [new URL(address).origin])))];
}
