/** Upper bounds for waits within this process, in seconds: from half a millisecond to the patience of the database. */
export const WITHIN_PROCESS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** For answers to clients, in seconds: a program may wait for a whole reply. */
export const ANSWERS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** For what people wait for, in seconds: until a model begins to speak. */
export const MODELS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300];

/** For numbers of deltas; 0 is a commit that only renews leases. */
export const DELTAS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** Prometheus' unit of time is the second. */
export const toSeconds = (ms: number): number => ms / 1_000;
