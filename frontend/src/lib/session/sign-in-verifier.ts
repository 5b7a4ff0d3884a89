import { timeOfDay } from '../time-of-day.ts';

const KEY = 'lockstep.verifier';
/** The server waits ten minutes for the user to return from the provider, and one minute for the code. */
const LIFE_MS = 11 * 60_000;

interface Kept {
  readonly verifier: string;
  /** When the sign-in began, in milliseconds since 1970. */
  readonly at: number;
}

/*
 * A sign-in may end in another tab than it began in, so all tabs share the latest verifier. Each tab also has its own:
 * of two tabs that begin at the same moment, neither sees yet what the other one stores, and the later one replaces it.
 */
const storages = (): readonly Storage[] => [sessionStorage, localStorage];

/** Stores the verifier of a new sign-in. Throws if the browser's storage is blocked. */
export function keepVerifier(verifier: string): void {
  const kept = JSON.stringify({ verifier, at: timeOfDay() } satisfies Kept);
  for (const storage of storages()) storage.setItem(KEY, kept);
}

/** The verifier of the sign-in in progress: the one of this tab, or else the latest of all tabs. */
export function keptVerifier(): string | undefined {
  try {
    return storages().map(readFrom).find(Boolean);
  } catch (error) {
    console.debug('The verifier of a sign-in cannot be read', error);
    return undefined;
  }
}

function readFrom(storage: Storage): string | undefined {
  const { verifier, at } = JSON.parse(storage.getItem(KEY) ?? '{}') as Partial<Kept>;
  return typeof at === 'number' && timeOfDay() - at < LIFE_MS ? verifier : undefined;
}

/** Call it when the user has signed in. */
export function forgetVerifier(): void {
  try {
    for (const storage of storages()) storage.removeItem(KEY);
  } catch (error) {
    console.debug('Storage is blocked', error);
  }
}
