import { v4 } from 'uuid';

/** A random UUID. `crypto.randomUUID` exists in secure contexts only, and the page may be served over plain HTTP. */
export const randomId = (): string => v4();
