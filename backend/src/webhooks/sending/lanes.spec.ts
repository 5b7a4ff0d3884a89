import { expect, it } from '@jest/globals';
import { Lanes } from './lanes.js';

const enterAll = (lanes: Lanes, count: number, isFailing: boolean) =>
  Array.from({ length: count }, (_, at) => lanes.enter({ id: `${String(isFailing)} ${at}`, isFailing })).filter(
    Boolean,
  );

it('has two lanes for each webhook', () => {
  const lanes = new Lanes();
  const webhook = { id: 'a', isFailing: false };
  const [first] = [lanes.enter(webhook), lanes.enter(webhook)];
  expect(lanes.enter(webhook)).toBeUndefined();
  first?.[Symbol.dispose]();
  expect(lanes.enter(webhook)).toBeDefined();
});

it('keeps half of them free of failing webhooks', () => {
  const lanes = new Lanes();
  const failing = enterAll(lanes, 40, true);
  expect(failing).toHaveLength(16);
  const others = enterAll(lanes, 40, false);
  expect(others).toHaveLength(16);
  failing[0]?.[Symbol.dispose]();
  expect(enterAll(lanes, 1, true)).toHaveLength(1);
});
