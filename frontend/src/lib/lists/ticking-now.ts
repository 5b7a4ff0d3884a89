import { createSubscriber } from 'svelte/reactivity';
import { timeOfDay } from '../time-of-day.ts';

const TICK_MS = 30_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});

/** The current time in milliseconds since 1970. Reactive: updated twice a minute, with one timer for all readers. */
export function tickingNow(): number {
  subscribe();
  return timeOfDay();
}
