import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { Tab } from './tab.js';

it('a tab does not count the time in which the server is known to be down', async () => {
  const closing = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1');
  await once(closing, 'listening');
  const { port } = closing.address() as { port: number };
  const back = performance.now() + 2_000;
  const isAway = (): boolean => performance.now() < back;
  const tab = new Tab({ name: 'tab', port, token: 'none', checkOffsets: true, isAway });
  try {
    await expect(tab.insist('run:stop', { runId: 'none' }, 200)).rejects.toThrow(
      'run:stop was not answered within 200 ms (1 x not connected)',
    );
    expect(performance.now()).toBeGreaterThanOrEqual(back);
  } finally {
    tab.close();
    closing.close();
  }
});
