import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { OwnBudget } from '#protocol';
import { OwnBudgetView } from './own-budget.svelte.ts';

type Listener = { event: (event: { type: string }) => void; snapshot: () => void };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const budget = (used: number): OwnBudget => ({
  standing: { unit: 'tokens', day: { limit: 10, used, reserved: 0, resetsAt: 1 }, month: null },
  currency: 'EUR',
});

function world() {
  const answers: ((value: OwnBudget) => void)[] = [];
  const failures: ((error: Error) => void)[] = [];
  const listeners: Listener[] = [];
  const closed: string[] = [];
  const open = (name: string, listener: unknown) => {
    listeners.push(listener as Listener);
    return { close: () => closed.push(name) };
  };
  const get = () =>
    new Promise<OwnBudget>((resolve, reject) => {
      answers.push(resolve);
      failures.push(reject);
    });
  const view = new OwnBudgetView({ get } as never);
  const streams = {
    user: (_id: string, listener: unknown) => open('user', listener),
    team: (_role: string, listener: unknown) => open('team', listener),
  };
  const stop = view.follow(streams as never, 'ada', 'user');
  const settle = () => vi.advanceTimersByTimeAsync(300);
  return { view, answers, failures, listeners, closed, stop, settle };
}

it('what is left is read at first, and again when the person or their role gets another budget', async () => {
  const { view, answers, listeners, closed, stop, settle } = world();
  answers[0]?.(budget(1));
  await settle();
  expect(view.current).toEqual(budget(1));
  for (const listener of listeners) listener.event({ type: 'models.changed' });
  await settle();
  expect(answers).toHaveLength(1);
  // Several changes at once are read once.
  for (const listener of listeners) listener.event({ type: 'budget.changed' });
  await settle();
  expect(answers).toHaveLength(2);
  answers[1]?.(budget(5));
  await settle();
  expect(view.current).toEqual(budget(5));
  stop();
  expect(closed).toEqual(['user', 'team']);
});

it('an answer that a newer request has overtaken is ignored, and a failure is told', async () => {
  const { view, answers, failures, settle } = world();
  void view.read();
  answers[1]?.(budget(7));
  answers[0]?.(budget(1));
  await settle();
  expect(view.current).toEqual(budget(7));
  void view.read();
  failures[2]?.(new Error('away'));
  await settle();
  expect(view.failure).toEqual(new Error('away'));
  expect(view.current).toEqual(budget(7));
});
