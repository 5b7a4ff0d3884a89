import { expect, test } from 'vitest';
import { roomFor } from './diagram-room.ts';

const lines = (first: string, count: number): string =>
  [first, ...Array.from({ length: count }, () => '  a')].join('\n');

test('a horizontal diagram gets a lower box than a vertical one', () => {
  for (const flat of ['flowchart LR', 'graph RL', 'timeline', 'gitGraph', '%% A\nflowchart LR'])
    expect(roomFor(lines(flat, 2))).toBe(160);
  for (const tall of ['flowchart TD', 'sequenceDiagram', 'graph LRx', 'pie']) expect(roomFor(lines(tall, 3))).toBe(288);
});

test('long code gets a taller box, up to a limit', () => {
  expect(roomFor(lines('flowchart LR', 10))).toBe(28 + 11 * 21);
  expect(roomFor(lines('sequenceDiagram', 16))).toBe(28 + 17 * 21);
  expect(roomFor(lines('flowchart TD', 7))).toBe(28 + 8 * 44);
  expect(roomFor(lines('sequenceDiagram', 500))).toBe(448);
});
