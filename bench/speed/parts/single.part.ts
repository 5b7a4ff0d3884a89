import { planText } from '../load/answer-plan.ts';
import { runAnswers } from '../load/answers.ts';
import { nowMicros } from '../load/clock.ts';
import { Turns } from '../load/turns.ts';
import { median, quantile } from '../report/figures.ts';
import { MeasuredTab } from '../systems/measured-tab.ts';
import { partOf, type Step } from './part.ts';
import type { Row } from '../report/rows.ts';
import { startSystem, warmUp } from '../systems/start-system.ts';

const ONE = { answers: 1, rate: 50, seconds: 6 };
const FIRST_TOKENS = 20;
const TURNS = { tabs: 40, count: 80, atOnce: 4 };
const TABS = 100;
const BURST = 100_000;

const latency50: Row = { key: 'latency-p50', title: 'added latency of a token, one answer, p50', unit: 'ms' };
const latency99: Row = { key: 'latency-p99', title: 'the same, p99', unit: 'ms' };
const cpuOfOne: Row = { key: 'cpu-one', title: 'CPU a token, one answer', unit: 'µs' };
const wire: Row = { key: 'wire', title: 'bytes on the wire a token, one answer', unit: 'bytes' };
const firstToken: Row = { key: 'first-token', title: 'time to first token added', unit: 'ms' };
const turnCpu: Row = { key: 'turn-cpu', title: 'one turn (send, short reply, end), CPU', unit: 'ms' };
const tabsCpu: Row = { key: 'tabs', title: `${TABS} tabs on one answer, CPU a delivered token`, unit: 'µs' };
const burst: Row = { key: 'burst', title: `a burst of ${BURST.toLocaleString('en')} tokens`, unit: '/s' };

const oneAnswer: Step = {
  rows: [latency50, latency99, cpuOfOne, wire],
  async measure(system) {
    const { latencies, steadyCpuMicros, bytesPerToken, errors, problem } = await runAnswers(system, ONE);
    return {
      values: {
        [latency50.key]: quantile(latencies, 0.5),
        [latency99.key]: quantile(latencies, 0.99),
        [cpuOfOne.key]: steadyCpuMicros,
        [wire.key]: bytesPerToken,
      },
      errors,
      problem,
    };
  },
};

const timeToFirstToken: Step = {
  rows: [firstToken],
  async measure(system) {
    using turns = await Turns.open(system, 1);
    const { firstTokenMs, errors } = await turns.run(FIRST_TOKENS, 1);
    return { values: { [firstToken.key]: median(firstTokenMs) }, errors };
  },
};

const turn: Step = {
  rows: [turnCpu],
  async measure(system) {
    const { tabs, count, atOnce } = TURNS;
    using turns = await Turns.open(system, tabs);
    const before = system.meter.cpuMicros;
    const { errors } = await turns.run(count, atOnce);
    return { values: { [turnCpu.key]: (system.meter.cpuMicros - before) / 1e3 / count }, errors };
  },
};

const manyTabs: Step = {
  rows: [tabsCpu],
  async measure(system) {
    const { steadyCpuMicros, errors, problem } = await runAnswers(system, {
      answers: 1,
      rate: 50,
      seconds: 5,
      tabs: TABS,
    });
    return { values: { [tabsCpu.key]: steadyCpuMicros }, errors, problem };
  },
};

const burstOfTokens: Step = {
  rows: [burst],
  async measure(system) {
    const [room] = await system.rooms(1);
    if (!room) throw new Error('There is no room');
    const listener = new MeasuredTab(BURST);
    const tab = await system.openTab(room, listener);
    const began = nowMicros();
    await tab.send(planText({ tokens: BURST, rate: 0, waitMs: 0 }));
    await listener.over;
    const perSecond = (listener.check.received / (nowMicros() - began)) * 1e6;
    tab.close();
    return { values: { [burst.key]: perSecond }, errors: listener.errors, problem: listener.problem };
  },
};

/** The cost of one answer and of one turn. */
export const singlePart = partOf({
  systems: ['relay', 'lockstep'],
  start: startSystem,
  prepare: warmUp,
  steps: [oneAnswer, timeToFirstToken, turn, manyTabs, burstOfTokens],
});
