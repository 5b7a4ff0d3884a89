import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Agenda } from './agenda.ts';
import type { Costs } from '../costs.ts';
import { COMMITTER } from './committer.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import { sendTimes, workloadOf } from '../workload.ts';

const TABS = {
  wakeMicros: 100,
  frameMicros: 30,
  stretch: 1,
  minorPauseMs: 0,
  minorPauseEveryMs: 1e9,
  majorPauseMs: 0,
  majorPauseEveryMs: 1e9,
};
const COSTS: Costs = {
  sendMicros: 2_000,
  tokenMicros: 40,
  commitMicros: 200,
  writeMicros: 13,
  stretch: 1,
  minorPauseMs: 0,
  minorPauseEveryMs: 1e9,
  majorPauseMs: 0,
  majorPauseEveryMs: 1e9,
  restMicros: 0,
  socketMicros: 0,
  socketBytes: 0,
  commitWaitMs: 0,
  tokenWaitMs: 0,
  transportMs: 0.2,
  databaseSendMicros: 0,
  databaseCommitMicros: 0,
  tabs: TABS,
};
const ANSWER = { tokens: 120, rate: 20, tabs: 1, tickMs: 0 };

const simulate = (answers: number, options: Partial<SimulationOptions> = {}) =>
  Simulation.run({
    costs: COSTS,
    workload: workloadOf(answers, ANSWER),
    warmUpMs: 9_000,
    durationMs: 20_000,
    seed: 1,
    ...options,
  });

describe('Simulation', () => {
  it('costs a single answer the sum of its parts', () => {
    const { p50 } = simulate(0.5);
    expect(p50).toBeCloseTo(0.2 + 0.04 + 0.2, 2);
  });

  it('spends what the workload costs', () => {
    const { busy, commitsPerSecond, tokensPerSecond } = simulate(200);
    const sendsPerSecond = workloadOf(200, ANSWER).sendsPerSecond;
    const expected = (tokensPerSecond * 40 + commitsPerSecond * 200 + sendsPerSecond * 2_000) / 1e6;
    expect(tokensPerSecond / 4_000).toBeCloseTo(1, 0);
    expect(busy / expected).toBeCloseTo(1, 1);
  });

  it('starts commits no further apart than the longest gap', () => {
    const { p50, commitsPerSecond } = simulate(200);
    // A timer of Node may be a millisecond early.
    expect(commitsPerSecond).toBeLessThanOrEqual(1_000 / (COMMITTER.longestGapMs - 1));
    expect(commitsPerSecond).toBeGreaterThan(100);
    expect(p50).toBeGreaterThan(3);
    expect(p50).toBeLessThan(6);
  });

  it('commits together what the model writes at the same moment', () => {
    const together = simulate(200, { workload: { ...workloadOf(200, ANSWER), tickMs: 100 } });
    // Few for each moment: for the first token, and for the others.
    expect(together.commitsPerSecond).toBeLessThan(simulate(200).commitsPerSecond / 3);
    expect(together.tokensPerSecond / simulate(200).tokensPerSecond).toBeCloseTo(1, 1);
  });

  it('falls behind when there is more to do than one core can', () => {
    const { busy, isOverloaded, p99 } = simulate(2_000);
    expect(busy).toBeGreaterThan(0.99);
    expect(isOverloaded).toBe(true);
    expect(simulate(200).isOverloaded).toBe(false);
    expect(p99).toBeGreaterThan(1_000);
  });

  it('adds the time that a commit waits for the database', () => {
    const waiting = simulate(1, { costs: { ...COSTS, commitWaitMs: 2 } });
    expect(waiting.p50 - simulate(1).p50).toBeCloseTo(2, 1);
  });

  it('takes longer for the same work if cores are shared', () => {
    const [alone, shared] = [simulate(350), simulate(350, { costs: { ...COSTS, stretch: 1.5 } })];
    expect(shared.busy).toBeCloseTo(alone.busy, 1);
    expect(shared.p99).toBeGreaterThan(alone.p99 + 0.5);
  });

  it('pauses after some work', () => {
    const paused = simulate(200, { costs: { ...COSTS, minorPauseMs: 5, minorPauseEveryMs: 50 } });
    const without = simulate(200);
    expect(paused.busy / without.busy).toBeCloseTo(1.1, 2);
    expect(paused.p99).toBeGreaterThan(without.p99);
  });

  it('adds what the process with the tabs does, and its pauses', () => {
    expect(simulate(0.5, { tabs: TABS }).p50 - simulate(0.5).p50).toBeCloseTo(0.13, 2);
    const [one, other] = [simulate(200), simulate(200, { tabs: { ...TABS, minorPauseMs: 10, minorPauseEveryMs: 20 } })];
    expect(other.busy).toBe(one.busy);
    expect(other.p99).toBeGreaterThan(one.p99 + 2);
  });

  it('counts what open sockets cost', () => {
    const idle = simulate(1, { costs: { ...COSTS, socketMicros: 3 }, sockets: 10_000 });
    expect(idle.busy - simulate(1).busy).toBeCloseTo(0.03, 3);
  });

  it('has the same result for the same seed', () => {
    expect(simulate(50)).toEqual(simulate(50));
    expect(simulate(50, { seed: 2 })).not.toEqual(simulate(50));
  });

  it('schedules as the committer does', () => {
    const committer = readFileSync('backend/src/streams/journal/committer.ts', 'utf8');
    const writer = readFileSync('backend/src/chat/runs/run-writer.ts', 'utf8');
    const valueOf = (source: string, name: string): number =>
      Number(new RegExp(`const ${name} = (\\d+);`).exec(source)?.[1]);
    expect(COMMITTER).toEqual({
      longestGapMs: valueOf(committer, 'LONGEST_GAP_MS'),
      gapPerDelta: valueOf(committer, 'GAP_PER_DELTA'),
      loadWindowMs: valueOf(committer, 'LOAD_WINDOW_MS'),
      writerGapMs: valueOf(writer, 'MIN_INTERVAL_MS'),
    });
  });
});

describe('sendTimes', () => {
  it('are as many as asked for, at random', () => {
    const times = sendTimes(workloadOf(200, ANSWER), 60_000, 7);
    expect(times.length / 2_000).toBeCloseTo(1, 0);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const pauses = times.slice(1).map((at, n) => at - (times[n] ?? 0));
    // In an exponential distribution 63 % are shorter than the mean.
    const mean = 30;
    expect(pauses.filter((pause) => pause < mean).length / pauses.length).toBeCloseTo(0.63, 1);
  });
});

describe('Agenda', () => {
  it('returns items by time, and those of one time in the order of their addition', () => {
    const agenda = new Agenda<string>();
    for (const [at, item] of [
      [5, 'd'],
      [1, 'a'],
      [3, 'b'],
      [3, 'c'],
      [9, 'e'],
    ] as const)
      agenda.add(at, item);
    const items = Array.from({ length: 6 }, () => agenda.next(9.5)?.item);
    expect(items).toEqual(['a', 'b', 'c', 'd', 'e', undefined]);
    agenda.add(10, 'f');
    expect(agenda.next(10)).toBeUndefined();
    expect(agenda.next(11)?.item).toBe('f');
  });
});
