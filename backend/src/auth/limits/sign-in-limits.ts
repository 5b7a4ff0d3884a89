import { perAddress, perUser, type Policy } from '../../limits/policy.js';

/**
 * How often an address may call each step of the sign-in. An office of hundreds behind one address stays below the
 * limit.
 */
const step = (name: string): Policy => perAddress(name, 600);

export const LOGIN = step('login');
export const CALLBACK = step('login-callback');
export const EXCHANGE = step('login-exchange');

/** Who links an identity is signed in. */
export const LINK = perUser('login-link', 600);

/** A higher limit: every open page refreshes, all at once after a restart, and refresh tokens cannot be guessed. */
export const REFRESH = perAddress('refresh', 6_000);

/** One provider sends the sign-outs of all its users from one address. */
export const LOGOUTS = perAddress('backchannel-logout', 600);
