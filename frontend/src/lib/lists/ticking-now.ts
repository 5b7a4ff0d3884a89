import { createSubscriber } from 'svelte/reactivity';

const TICK_MS = 30_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});

/** The time in milliseconds since 1970; what reads it is updated twice a minute, with one timer for all. */
export function tickingNow(): number {
  subscribe();
  return Date.now();
}
