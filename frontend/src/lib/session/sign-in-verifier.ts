import { timeOfDay } from '../time-of-day.ts';

const KEY = 'lockstep.verifier';
/** The server waits ten minutes for the user to return from the provider, and one minute for the code. */
const LIFE_MS = 11 * 60_000;

interface Kept {
  readonly verifier: string;
  /** When the sign-in began, in milliseconds since 1970. */
  readonly at: number;
}

/** Stores the verifier of a new sign-in. Throws if the browser's storage is blocked. */
export function keepVerifier(verifier: string): void {
  localStorage.setItem(KEY, JSON.stringify({ verifier, at: timeOfDay() } satisfies Kept));
}

/**
 * The verifier of the sign-in in progress. All tabs share it: a sign-in may end in another tab than it began in, and
 * two may be in progress at once.
 */
export function keptVerifier(): string | undefined {
  try {
    const { verifier, at } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
    return typeof at === 'number' && timeOfDay() - at < LIFE_MS ? verifier : undefined;
  } catch (error) {
    console.debug('The verifier of a sign-in cannot be read', error);
    return undefined;
  }
}

/** Call it when the user has signed in. */
export function forgetVerifier(): void {
  try {
    localStorage.removeItem(KEY);
  } catch (error) {
    console.debug('Storage is blocked', error);
  }
}
