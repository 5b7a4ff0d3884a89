import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Fault } from '../../fault.js';
import type { Scene } from '../../stage/scene.js';
import { scaled } from '../../../../testing/pace.js';

const PRELOAD = pathToFileURL(resolve('backend/test/faults/stage/preloads/inject.preload.ts')).href;
const INJECTING = { NODE_OPTIONS: `--import=${PRELOAD}` };

const METRICS_TOKEN = 'a-token-for-the-suite';
/** Every request writes a line. */
const TALKATIVE = { LOG_LEVEL: 'debug', METRICS_TOKEN };
/** How long a graceful shutdown may take: the stage's `DRAIN_MS`, with a margin for a busy machine. */
const END_MS = scaled(8_000);
const LINE_LENGTH = 8_000;

/** Makes the server log this many lines of 8 kB. @returns the longest time that one of the requests took */
async function talk({ stage }: Scene, lines: number): Promise<number> {
  let slowestMs = 0;
  for (let line = 0; line < lines; line += 1) {
    const startedAt = performance.now();
    const response = await fetch(`http://127.0.0.1:${stage.server.port}/health/${'x'.repeat(LINE_LENGTH)}`);
    await response.arrayBuffer();
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
  return slowestMs;
}

async function metric({ stage }: Scene, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const text = await (await fetch(`http://127.0.0.1:${stage.server.port}/metrics`, { headers })).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** A reply continues while the log cannot be written, and the server stops when it is told to. */
async function answerUnheard(scene: Scene, spoil: () => void, lines: number): Promise<void> {
  const tab = await scene.open();
  const turn = await scene.ask(tab, { tokens: 150, delayMs: 5, expected: 'completed' });
  await scene.shows(tab, turn, scene.random.between(1, 20));
  const before = scene.stage.server.residentBytes;
  spoil();
  const slowestMs = await talk(scene, lines);
  await scene.ended();
  scene.expect('L9', slowestMs < 2_000, `a request waited for ${slowestMs.toFixed(0)} ms`);
  scene.expect('L9', (await metric(scene, 'lockstep_log_lines_dropped_total')) > 0, 'no line was counted as lost');
  const grown = scene.stage.server.residentBytes - before;
  scene.expect('L11', grown < 100_000_000, `the server grew by ${grown} bytes`);
  await endInOrder(scene, 0);
}

/** SIGTERM: the server must exit by itself, whatever hangs. */
async function endInOrder(scene: Scene, code: number): Promise<void> {
  scene.stage.server.signal('SIGTERM');
  const ended = await Promise.race([scene.stage.server.ended(), delay(END_MS, 'not at all')]);
  const { lastOutput } = scene.stage.server;
  scene.expect('L5', ended === code, `the server ended with ${String(ended)}, not ${code}:\n${lastOutput}`);
  await scene.kill();
}

/** Limits the server to this many more open files than it has. */
function limitFiles({ stage }: Scene, more: number): void {
  execFileSync('prlimit', ['--pid', String(stage.server.pid), `--nofile=${stage.server.openFiles + more}:`]);
}

const freeFiles = ({ stage }: Scene): void =>
  void execFileSync('prlimit', ['--pid', String(stage.server.pid), '--nofile=1024:']);

/** Idle connections, each of which takes a descriptor. */
async function crowd({ stage }: Scene, count: number): Promise<readonly Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(stage.server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect').catch(() => undefined);
      return socket;
    }),
  );
}

/** Faults of the machine, the runtime and the reader of the log. */
export const hostFaults: readonly Fault[] = [
  {
    name: 'standard output is not read',
    rules: ['L9', 'L5', 'L11'],
    rounds: [0, 5],
    env: TALKATIVE,
    run: (scene) => answerUnheard(scene, () => scene.stage.server.deafen(), 300),
  },
  {
    name: 'standard output is closed',
    rules: ['L9', 'L5'],
    rounds: [0, 5],
    env: TALKATIVE,
    run: (scene) => answerUnheard(scene, () => scene.stage.server.closeOutput(), 20),
  },
  {
    name: 'standard output is a file on a full disk',
    rules: ['L9', 'L5'],
    // The limit applies to the process, and so on SQLite to the database too.
    databases: ['postgresql'],
    rounds: [0, 5],
    env: TALKATIVE,
    async run(scene) {
      const file = openSync(`${scene.stage.dataDir}/log`, 'a');
      try {
        await scene.kill();
        scene.stage.output = file;
        await scene.up();
        const limit = (bytes: string): void =>
          void execFileSync('prlimit', ['--pid', String(scene.stage.server.pid), `--fsize=${bytes}:`]);
        await answerUnheard(scene, () => limit('0'), 300);
      } finally {
        scene.stage.output = 'pipe';
        closeSync(file);
      }
    },
  },
  {
    name: 'an unhandled rejection during answers',
    rules: ['L5', 'L9'],
    rounds: [0, 5],
    env: INJECTING,
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 150, delayMs: 5, expected: 'completed' });
      await scene.ask(tab, { tokens: 20, delayMs: 5, expected: 'completed' });
      for (let time = 1; time <= 5; time += 1) {
        await scene.shows(tab, turn, time * scene.random.between(1, 20));
        scene.stage.server.signal('SIGUSR2');
      }
      await scene.ended();
      scene.expect('L9', scene.stage.isUp, 'the server is gone');
      scene.expect('L9', scene.stage.server.lastOutput.includes('injected: lost'), 'nothing of it is in the log');
    },
  },
  {
    name: 'an uncaught exception during answers',
    rules: ['L5', 'L8'],
    rounds: [0, 5],
    env: INJECTING,
    async run(scene) {
      const tab = await scene.open();
      const long = await scene.ask(tab, { tokens: 5_000, delayMs: 5, expected: 'interrupted' });
      await scene.shows(tab, long, scene.random.between(1, 20));
      await scene.ask(tab, { tokens: 20, delayMs: 5, expected: 'completed' });
      scene.stage.server.signal('SIGWINCH');
      const code = await scene.died();
      scene.expect('L5', code === 1, `the server ended with ${String(code)}, not 1`);
      const left = await scene.evidence.running(scene.person.userId);
      scene.expect('L5', left === 0, `${left} runs were left running by an orderly end`);
    },
  },
  {
    name: 'the heap is used up in the middle of answers',
    rules: ['L2', 'L5', 'L8'],
    rounds: [0, 5],
    env: { NODE_OPTIONS: `${INJECTING.NODE_OPTIONS} --max-old-space-size=150` },
    async run(scene) {
      const tab = await scene.open();
      const turn = await scene.ask(tab, { tokens: 5_000, delayMs: 5, expected: 'interrupted' });
      await scene.shows(tab, turn, scene.random.between(1, 40));
      // No core dump.
      execFileSync('prlimit', ['--pid', String(scene.stage.server.pid), '--core=0:']);
      scene.stage.server.signal('SIGIO');
      const code = await scene.died();
      const { lastOutput } = scene.stage.server;
      scene.expect('L8', /heap out of memory/i.test(lastOutput), `it ended with ${String(code)}:\n${lastOutput}`);
    },
  },
  {
    name: 'no more files can be opened for a while',
    rules: ['L5', 'L6', 'L9'],
    rounds: [0, 5],
    async run(scene) {
      const tab = await scene.open();
      const running = await scene.ask(tab, { tokens: 300, delayMs: 8, expected: 'completed' });
      await scene.shows(tab, running, scene.random.between(1, 20));
      limitFiles(scene, scene.random.between(0, 2));
      const sockets = await crowd(scene, 8);
      const from = running.plan.sent;
      const asked = scene.ask(tab, { tokens: 5 });
      await scene.until(() => running.plan.sent > from + 50, 'the answer goes on', 10_000);
      await delay(scene.random.between(0, 500));
      for (const socket of sockets) socket.destroy();
      freeFiles(scene);
      const { acknowledged } = await asked;
      scene.expect('L6', acknowledged.length > 0, 'the message was not acknowledged');
      const late = await scene.open();
      for (const { stream } of scene.turns) late.follow(stream);
      await scene.ask(late, { tokens: 5, expected: 'completed' });
    },
  },
];
