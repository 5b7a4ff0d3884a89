import { beforeEach, expect, it } from 'vitest';
import { FakeStorage } from './personal-storage.fake.ts';
import { personalStorage } from './personal-storage.ts';

let browser: FakeStorage;
const storage = personalStorage(() => browser);

beforeEach(() => {
  browser = new FakeStorage();
});

it('stores and removes the data of a user by kind and name', () => {
  storage.write('draft', 'me', 'new', { text: 'one' });
  storage.write('draft', 'me', 'other', { text: 'two' });
  storage.write('outbox', 'me', 'new', 'three');
  storage.write('draft', 'you', 'new', 'four');
  expect(storage.read('draft', 'me', 'new')).toEqual({ text: 'one' });
  expect(storage.names('draft', 'me')).toEqual(['new', 'other']);
  storage.write('draft', 'me', 'new', undefined);
  expect(storage.names('draft', 'me')).toEqual(['other']);
});

it('removes the data of all users, or of all but one, and keeps data of the browser', () => {
  browser.setItem('lockstep.theme', 'dark');
  storage.write('draft', 'me', 'new', 'mine');
  storage.write('outbox', 'you', 'a.b', 'yours');
  storage.write('preferences', 'you', 'chosen', {});
  storage.forget('me');
  expect(storage.read('draft', 'me', 'new')).toBe('mine');
  expect(browser.length).toBe(2);
  storage.forget();
  expect(browser.length).toBe(1);
  expect(browser.getItem('lockstep.theme')).toBe('dark');
});

it('does not throw if storage is blocked or its content is unreadable', () => {
  const blocked = personalStorage(() => {
    throw new DOMException('Blocked', 'SecurityError');
  });
  expect(blocked.write('draft', 'me', 'new', 'text')).toBe(false);
  expect(blocked.read('draft', 'me', 'new')).toBeUndefined();
  expect(blocked.names('draft', 'me')).toEqual([]);
  blocked.forget();
  browser.setItem('lockstep.draft.me.new', '{');
  expect(storage.read('draft', 'me', 'new')).toBeUndefined();
  browser.isFull = true;
  expect(storage.write('draft', 'me', 'new', 'text')).toBe(false);
});
