import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Action, DraftWorld } from './draft-world.fake.ts';

const KINDS = [
  'type',
  'type',
  'undo',
  'send',
  'flush',
  'reload',
  'serve',
  'serve',
  'deliver',
  'deliver',
  'answer',
  'lose',
  'refuse',
  'fail',
  'disconnect',
  'reconnect',
  'resubscribe',
  'lag',
] as const;
const WRITING: ReadonlySet<string> = new Set(['type', 'undo', 'send']);

const pass: fc.Arbitrary<Action> = fc.constantFrom(1, 100, 700, 2_000, 2_000, 6_000).map((ms) => ({ do: 'pass', ms }));
const actions = (tabs: number): fc.Arbitrary<Action[]> =>
  fc.array(
    fc.oneof(
      { weight: 1, arbitrary: pass },
      { weight: 3, arbitrary: fc.record({ do: fc.constantFrom(...KINDS), tab: fc.nat(tabs - 1) }) },
    ),
    { maxLength: 40, size: 'max' },
  );
const clockErrors = fc.array(fc.constantFrom(0, 0, -600_000, 600_000), { minLength: 3, maxLength: 3 });

it('keeps the last text of a user who types in one tab, and shows it on each device', () => {
  fc.assert(
    fc.property(actions(2), (steps) => {
      const world = new DraftWorld(2);
      for (const step of steps) if (!('tab' in step && step.tab > 0 && WRITING.has(step.do))) world.act(step);
      world.settle();
      const last = world.tabs[0]?.edits.at(-1);
      expect([world.server.text, ...world.tabs.map(({ state }) => state.text)]).toEqual([last, last, last]);
    }),
    { numRuns: 3_000 },
  );
});

it('ends with one typed text, the same on the server and in each tab, wherever the user types', () => {
  fc.assert(
    fc.property(actions(3), clockErrors, (steps, errors) => {
      const world = new DraftWorld(3, errors);
      world.run(steps);
      world.settle();
      const { text } = world.server;
      expect(world.typed).toContain(text);
      expect(world.tabs.map(({ state }) => [state.text, state.save.kind])).toEqual(
        world.tabs.map(() => [text, 'saved']),
      );
    }),
    { numRuns: 3_000 },
  );
});
