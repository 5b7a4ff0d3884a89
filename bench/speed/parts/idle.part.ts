import { setTimeout as delay } from 'node:timers/promises';
import { inTurns } from '../load/answers.ts';
import { MeasuredTab } from '../systems/measured-tab.ts';
import { type Part, partOf, type Step } from './part.ts';
import type { Row } from '../report/rows.ts';
import { startSystem } from '../systems/start-system.ts';
import type { Tab } from '../systems/system.ts';

const AT_ONCE = 32;
const SETTLE_MS = 2_500;
const IDLE_MS = 4_000;

const rest: Row = { key: 'rest', title: 'memory at rest, NODE_ENV=production', unit: 'MB' };
const connect: Row = { key: 'connect', title: 'connect and subscribe, CPU a tab', unit: 'ms' };

/** Memory of an idle server, and of idle sockets. */
export function idlePart(sockets: number): Part {
  const count = sockets.toLocaleString('en');
  const memory: Row = { key: 'idle-memory', title: `${count} idle sockets, memory a socket`, unit: 'KB' };
  const cpu: Row = { key: 'idle-cpu', title: `${count} idle sockets, CPU of a core`, unit: '%', withoutRatio: true };

  const atRest: Step = {
    rows: [rest],
    async measure({ meter }) {
      await delay(SETTLE_MS);
      return { values: { [rest.key]: meter.residentBytes / 2 ** 20 }, errors: 0 };
    },
  };
  const idle: Step = {
    rows: [connect, memory, cpu],
    async measure(system) {
      const { meter } = system;
      const rooms = await system.rooms(sockets);
      const before = { cpu: meter.cpuMicros, bytes: meter.residentBytes };
      const tabs: Tab[] = [];
      let errors = 0;
      await inTurns(rooms, AT_ONCE, async (room) => {
        try {
          tabs.push(await system.openTab(room, new MeasuredTab(0)));
        } catch {
          errors += 1;
        }
      });
      const connected = meter.cpuMicros;
      await delay(SETTLE_MS);
      const [bytes, settled] = [meter.residentBytes, meter.cpuMicros];
      await delay(IDLE_MS);
      const values = {
        [connect.key]: (connected - before.cpu) / 1e3 / sockets,
        [memory.key]: (bytes - before.bytes) / 1024 / sockets,
        [cpu.key]: ((meter.cpuMicros - settled) / 1e3 / IDLE_MS) * 100,
      };
      for (const tab of tabs) tab.close();
      return { values, errors };
    },
  };
  return partOf({ systems: ['relay', 'lockstep'], start: startSystem, steps: [atRest, idle] });
}
