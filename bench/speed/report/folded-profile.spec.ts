import { describe, expect, it } from '@jest/globals';
import { foldProfile, packageOf } from './folded-profile.ts';

const frame = (functionName: string, url = '') => ({
  functionName,
  url,
  scriptId: '1',
  lineNumber: 9,
  columnNumber: 0,
});

describe('foldProfile', () => {
  const folded = foldProfile({
    startTime: 0,
    endTime: 1_000,
    nodes: [
      { id: 1, callFrame: frame('(root)') },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('commit', 'file:///app/dist/src/streams/committer.js') },
      { id: 4, callFrame: frame('compile', 'file:///app/node_modules/kysely/dist/compiler.js'), children: [6] },
      { id: 6, callFrame: frame('all') },
      { id: 7, callFrame: frame('post', 'node:inspector') },
      { id: 5, callFrame: frame('commit', 'file:///app/dist/src/streams/committer.js') },
    ],
    samples: [2, 7, 3, 4, 3, 5, 6],
    timeDeltas: [400, 100, 100, 40, 10, 5, 3],
  });

  it('leaves out idle time and the profiler itself', () => {
    expect(folded).toMatchObject({ idleMicros: 500, busyMicros: 158 });
  });

  it('merges a function with several callers', () => {
    expect(folded.functions).toEqual([
      { name: 'commit streams/committer.js:10', micros: 115 },
      { name: 'compile dist/compiler.js:10', micros: 40 },
      { name: 'native all, for compile dist/compiler.js:10', micros: 3 },
    ]);
  });

  it('sums up packages, and our own code by folder', () => {
    expect(folded.packages).toEqual([
      { name: 'lockstep streams', micros: 115 },
      { name: 'kysely', micros: 40 },
      { name: 'native, for kysely', micros: 3 },
    ]);
  });
});

describe('packageOf', () => {
  it.each([
    ['file:///app/node_modules/@nestjs/core/router.js', '@nestjs/core'],
    ['file:///app/node_modules/engine.io/node_modules/ws/lib/sender.js', 'ws'],
    ['file:///app/dist/src/main.js', 'lockstep main'],
    ['file:///app/dist/src/chat/run/deltas.js', 'lockstep chat'],
    ['file:///app/dist/migrations/index.js', 'lockstep migrations'],
    ['node:internal/streams/readable', 'node streams'],
    ['node:net', 'node net'],
    ['', '(garbage collector)'],
  ])('%s is of %s', (url, name) => {
    expect(packageOf(frame('(garbage collector)', url))).toBe(name);
  });
});
