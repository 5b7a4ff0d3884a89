import { describe, expect, it } from '@jest/globals';
import { Alarms } from './alarms.js';

describe('Alarms', () => {
  it('is due once, in the following second, and not before', () => {
    const alarms = new Alarms<string>(0);
    alarms.set('a', 1_500);
    alarms.set('b', 2_000);
    alarms.set('c', 2_001);
    expect(alarms.due(1_999)).toEqual([]);
    expect(alarms.due(2_000)).toEqual(['a', 'b']);
    expect(alarms.due(60_000)).toEqual(['c']);
    expect(alarms.due(60_000)).toEqual([]);
  });

  it('is due at the next check when its time has passed', () => {
    const alarms = new Alarms<string>(10_000);
    alarms.due(20_000);
    alarms.set('late', 5_000);
    alarms.set('gone', 5_000);
    alarms.clear('gone', 5_000);
    expect(alarms.due(21_000)).toEqual(['late']);
  });

  it('keeps nothing of cleared alarms', () => {
    const alarms = new Alarms<string>(0);
    alarms.set('a', 5_000);
    alarms.clear('a', 5_000);
    expect(Reflect.get(alarms, 'slots')).toEqual(new Map());
    expect(alarms.due(9_000)).toEqual([]);
  });
});
