import { timeOfDay } from '../time-of-day.ts';

const KEY = 'lockstep.verifier';
/** The server waits ten minutes for somebody who is at the provider's, and a minute for the code. */
const LIFE_MS = 11 * 60_000;

interface Kept {
  readonly verifier: string;
  /** When a sign-in was begun with it, in milliseconds since 1970. */
  readonly at: number;
}

/** Keeps a verifier for a sign-in that begins. Throws where the browser stores nothing. */
export function keepVerifier(verifier: string): void {
  localStorage.setItem(KEY, JSON.stringify({ verifier, at: timeOfDay() } satisfies Kept));
}

/**
 * The verifier of a sign-in that is under way in this browser. It is one for all tabs: a sign-in may end in another tab
 * than it began in, and two may be under way at once.
 */
export function keptVerifier(): string | undefined {
  try {
    const { verifier, at } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
    return typeof at === 'number' && timeOfDay() - at < LIFE_MS ? verifier : undefined;
  } catch (error) {
    console.debug('No sign-in is known to be under way', error);
    return undefined;
  }
}

/** Somebody is signed in. */
export function forgetVerifier(): void {
  try {
    localStorage.removeItem(KEY);
  } catch (error) {
    console.debug('Nothing is stored here', error);
  }
}
