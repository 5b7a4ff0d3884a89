import { v4 } from 'uuid';

/** A UUID that nobody else has. Not the browser's own: pages of an address without encryption do not have that. */
export const randomId = (): string => v4();
