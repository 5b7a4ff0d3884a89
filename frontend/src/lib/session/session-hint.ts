/*
 * Beside the refresh cookie, which no script can read, the server sets one that says only that there is one. Without
 * it nobody is signed in, and asking would only leave an error in the console of everybody who comes by.
 */
const NAME = 'lockstep-session';

export const hasSessionHint = (): boolean =>
  document.cookie.split('; ').some((cookie) => cookie.startsWith(`${NAME}=`));

export function dropSessionHint(): void {
  document.cookie = `${NAME}=; Path=/; Max-Age=0; SameSite=Strict`;
}
