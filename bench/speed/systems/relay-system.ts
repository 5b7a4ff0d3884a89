import { once } from 'node:events';
import { resolve } from 'node:path';
import { type RawData, WebSocket } from 'ws';
import type { ServerProcess } from '../../../backend/test/faults/stage/server-process.ts';
import type { Children } from './children.ts';
import { ProcessMeter } from '../report/process-meter.ts';
import { readRelayMessage, type RelayCommand } from './relay-messages.ts';
import type { Room, System, Tab, TabListener } from './system.ts';

/** The bare relay in a separate process. */
export class RelaySystem implements System {
  readonly meter: ProcessMeter;
  readonly #process: ServerProcess;
  #made = 0;

  private constructor(process: ServerProcess) {
    this.#process = process;
    this.meter = new ProcessMeter([process.pid]);
  }

  static async start(children: Children, modelPort: number): Promise<RelaySystem> {
    const env = { MODEL_PORT: String(modelPort), NODE_ENV: 'production' };
    return new RelaySystem(await children.start(resolve('bench/speed/systems/relay.ts'), '.', env));
  }

  rooms(count: number): Promise<readonly Room[]> {
    return Promise.resolve(Array.from({ length: count }, () => ({ id: String((this.#made += 1)) })));
  }

  async openTab(room: Room, listener: TabListener): Promise<Tab> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#process.port}`, { perMessageDeflate: false });
    const joined = Promise.withResolvers<void>();
    let receivedBytes = 0;
    socket.on('message', (data: RawData) => {
      const message = readRelayMessage(data);
      receivedBytes += (data as Buffer).length;
      if (message.text !== undefined) listener.text(message.text);
      else if (message.ended) listener.ended();
      else joined.resolve();
    });
    await once(socket, 'open');
    socket.on('error', (error) => listener.failed(error));
    const say = (command: RelayCommand): void => socket.send(JSON.stringify(command));
    say({ room: room.id });
    await joined.promise;
    return {
      send: (question) => Promise.resolve(say({ room: room.id, question })),
      close: () => socket.close(),
      get receivedBytes() {
        return receivedBytes;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
  }
}
