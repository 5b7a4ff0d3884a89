import type { PersonalToken } from '#protocol';

/** Whether an access token has expired; `now` is in milliseconds since 1970. */
export const isExpired = ({ expiresAt }: PersonalToken, now: number): boolean => expiresAt !== null && expiresAt <= now;
