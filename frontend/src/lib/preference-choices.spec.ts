import { beforeEach, expect, it } from 'vitest';
import type { Preferences, User } from '#protocol';
import { FakeStorage } from './storage/personal-storage.fake.ts';
import { personalStorage } from './storage/personal-storage.ts';
import { PreferenceChoices } from './preference-choices.svelte.ts';
import { RequestFailed } from './http/request-failed.ts';

const ME = 'me';
let browser: FakeStorage;
let failures: Error[];
let saved: Preferences[];
let account: { user: User | null; update(user: User): void };

const user = (preferences: Preferences): User => ({
  id: ME,
  email: 'me@example.com',
  name: 'Me',
  picture: null,
  role: 'user',
  preferences,
});

function opened(): PreferenceChoices {
  const choices = new PreferenceChoices(
    account,
    (preferences) => {
      const failure = failures.shift();
      if (failure) return Promise.reject(failure);
      saved.push(preferences);
      return Promise.resolve(user({ ...account.user?.preferences, ...preferences }));
    },
    personalStorage(() => browser),
  );
  choices.open(ME);
  return choices;
}

beforeEach(() => {
  browser = new FakeStorage();
  failures = [];
  saved = [];
  account = {
    user: user({ theme: 'light', model: 'small' }),
    update: (changed) => (account.user = changed),
  };
});

it('saves a choice with the account and keeps no local copy', async () => {
  const choices = opened();
  await choices.choose({ theme: 'dark' });
  expect(saved).toEqual([{ theme: 'dark' }]);
  expect(choices.current).toEqual({ theme: 'dark', model: 'small' });
  expect(browser.length).toBe(0);
});

it('keeps an unsaved choice over a reload, and saves it later', async () => {
  failures.push(new RequestFailed('network', ''), new RequestFailed('network', ''));
  const choices = opened();
  await choices.choose({ model: 'large' });
  expect(choices.current.model).toBe('large');
  expect(choices.failure?.code).toBe('network');
  await choices.choose({ theme: 'dark' });

  const reloaded = opened();
  expect(reloaded.current).toEqual({ theme: 'dark', model: 'large' });
  await reloaded.resume();
  expect(saved).toEqual([{ model: 'large', theme: 'dark' }]);
  expect(reloaded.failure).toBeUndefined();
  expect(browser.length).toBe(0);
});

it('drops a choice that the server refuses permanently, and says why', async () => {
  failures.push(new RequestFailed('bad_request', ''));
  const choices = opened();
  await choices.choose({ model: 'gone' });
  expect(choices.failure?.code).toBe('bad_request');
  expect(choices.current.model).toBe('small');
  await choices.resume();
  expect(saved).toEqual([]);
});

it('saves the newest of several choices that are made during a request', async () => {
  const choices = opened();
  await Promise.all([choices.choose({ theme: 'dark' }), choices.choose({ theme: 'system' })]);
  expect(saved.at(-1)).toEqual({ theme: 'system' });
  expect(choices.current.theme).toBe('system');
});

it("does not show one user's choices to the next", async () => {
  failures.push(new RequestFailed('network', ''));
  const choices = opened();
  await choices.choose({ model: 'large' });
  choices.close();
  account.user = { ...user({ model: 'small' }), id: 'you' };
  choices.open('you');
  expect(choices.current.model).toBe('small');
});
