/*
 * Scripts cannot read the refresh cookie, so the server also sets a readable cookie that says whether there is one.
 * Without it the user is signed out, and a request would only log an error in the console of every visitor.
 */
const NAME = 'lockstep-session';

export const hasSessionHint = (): boolean =>
  document.cookie.split('; ').some((cookie) => cookie.startsWith(`${NAME}=`));

export function dropSessionHint(): void {
  document.cookie = `${NAME}=; Path=/; Max-Age=0; SameSite=Strict`;
}
