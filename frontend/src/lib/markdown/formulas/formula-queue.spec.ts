import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FormulaQueue } from './formula-queue.ts';

let now = 0;
let frames: (() => void)[] = [];

beforeEach(() => {
  now = 0;
  frames = [];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const nextFrame = (): void => frames.splice(0).forEach((run) => run());

it('renders as many formulas per frame as there is time for, and the others later', () => {
  const queue = new FormulaQueue();
  const set: number[] = [];
  for (let at = 0; at < 10; at += 1) {
    queue.request(() => {
      now += 3;
      set.push(at);
    });
  }
  expect(set).toEqual([0, 1, 2]);
  nextFrame();
  expect(set).toEqual([0, 1, 2, 3, 4, 5]);
  nextFrame();
  nextFrame();
  expect(set).toHaveLength(10);
});

it('skips a formula that was cancelled', () => {
  const queue = new FormulaQueue();
  const set = vi.fn();
  queue.request(() => (now += 10));
  const callOff = queue.request(set);
  callOff();
  nextFrame();
  expect(set).not.toHaveBeenCalled();
});
