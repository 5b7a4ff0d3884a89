import { expect, it } from '@jest/globals';
import { HandshakeQueue } from './handshake-queue.js';

const never = (): boolean => false;

it('a limited number of handshakes runs at once, in the order of their arrival', async () => {
  const queue = new HandshakeQueue(3);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const all = Array.from({ length: 10 }, (_, at) =>
    queue.run(never, async () => {
      started.push(at);
      await new Promise<void>((resolve) => ends.push(resolve));
      return at;
    }),
  );
  for (let count = 3; count <= 10; count += 1) {
    await Promise.resolve();
    expect(started).toEqual(Array.from({ length: count }, (_, at) => at));
    ends[count - 3]?.();
    await all[count - 3];
  }
  for (const end of ends) end();
  expect(await Promise.all(all)).toEqual(Array.from({ length: 10 }, (_, at) => at));
});

it('a tab that has disconnected before its turn costs nothing and delays no other', async () => {
  const queue = new HandshakeQueue(1);
  const first = Promise.withResolvers<string>();
  const gone = new Set<number>();
  let asked = 0;
  const waiting = [
    queue.run(never, () => first.promise),
    ...[1, 2, 3].map((at) =>
      queue.run(
        () => gone.has(at),
        () => Promise.resolve(`in ${(asked += 1)}`),
      ),
    ),
  ];
  gone.add(1).add(2);
  first.resolve('first');
  expect(await Promise.all(waiting)).toEqual(['first', undefined, undefined, 'in 1']);
});
