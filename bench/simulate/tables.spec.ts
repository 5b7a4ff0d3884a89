import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readAssumptions } from './assumptions.ts';
import { compare, isWithinTolerance } from './comparison.ts';
import { readCosts } from './costs.ts';
import { planFor } from './deployment.ts';
import { COMMITTER } from './process/committer.ts';
import { tablesOf } from './tables.ts';

const page = readFileSync('docs/scaling.md', 'utf8');

/** Cells without their padding. */
const plain = (markdown: string): string => markdown.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-').trim();

describe('docs/scaling.md', () => {
  const costs = readCosts();
  const comparisons = compare(costs);
  const tables = tablesOf(costs, comparisons, readAssumptions());

  it.each([...tables])('has the table "%s" as it is calculated from the costs', (name, table) => {
    const [, written = ''] = page.split(new RegExp(`<!-- /?${name} -->`));
    expect(plain(written)).toBe(plain(table));
  });

  it.each(['CPU', 'p50'])('rests on predictions of the %s that are within the tolerance', (figure) => {
    const ofFigure = comparisons.filter((comparison) => comparison.figure === figure);
    expect(new Set(ofFigure.map(({ database }) => database))).toEqual(new Set(['sqlite', 'postgresql']));
    expect(ofFigure.filter((comparison) => !isWithinTolerance(comparison))).toEqual([]);
  });

  it('states limits that are configured so', () => {
    expect(page).toContain(`${1_000 / COMMITTER.longestGapMs} a second`);
    const environment = readFileSync('backend/src/config/environment.ts', 'utf8');
    expect(environment).toContain('MAX_SOCKETS_PER_ADDRESS: count(2_000)');
    expect(page).toContain('`MAX_SOCKETS_PER_ADDRESS`, 2,000');
    expect(readFileSync('ops/systemd/lockstep.service', 'utf8')).toContain('LimitNOFILE=65536');
    expect(page).toContain('`LimitNOFILE` is 65,536');
    expect(readFileSync('docs/operating.md', 'utf8')).toContain('up to twelve connections');
  });
});

describe('planFor', () => {
  const costs = readCosts().costs.postgresql;
  const assumptions = readAssumptions();

  it('has two processes at least, and as many as the sockets need', () => {
    expect(planFor(100, costs, assumptions).processes).toBe(2);
    const { demand, processes } = planFor(100_000, costs, { ...assumptions, questionsPerHour: 0.1 });
    expect(processes).toBe(Math.ceil(demand.sockets / assumptions.socketsPerProcess));
  });

  it('keeps each process below its target, with no process too many', () => {
    const { demand, processes } = planFor(100_000, costs, { ...assumptions, socketsPerProcess: 1e6 });
    const tokens = demand.tokensPerSecond * costs.tokenMicros;
    const sends = demand.sendsPerSecond * costs.sendMicros;
    const commits = (processes * 1_000 * costs.commitMicros) / COMMITTER.longestGapMs;
    const sockets = demand.sockets * costs.socketMicros;
    const cores = (tokens + sends + commits + sockets + processes * costs.restMicros) / 1e6;
    expect(processes).toBeGreaterThanOrEqual(Math.floor(cores / assumptions.busyTarget));
    expect(processes).toBeLessThanOrEqual(Math.ceil(cores / assumptions.busyTarget) + 1);
  });

  it('grows with the people', () => {
    const [few, many] = [planFor(100_000, costs, assumptions), planFor(1_000_000, costs, assumptions)];
    for (const figure of ['processes', 'connections', 'modelDollars'] as const) {
      expect(many[figure] / few[figure]).toBeGreaterThanOrEqual(4);
      expect(many[figure] / few[figure]).toBeLessThan(11);
    }
  });
});
