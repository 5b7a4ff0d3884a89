import { describe, expect, it } from 'vitest';
import { PageUpdate } from './page-update.svelte.ts';

const pageOf = (isReplaced = true): PageUpdate => new PageUpdate('1.0.0-a', () => Promise.resolve(isReplaced));

describe('an open page', () => {
  it('is current until a server says that it has another build', () => {
    const page = pageOf();
    expect(page.standing).toBe('current');
    page.offer('1.0.0-a');
    expect(page.standing).toBe('current');
    page.offer('1.1.0-b');
    expect(page.standing).toBe('updated');
  });

  it('believes the server that it is connected to now: others may not be upgraded yet', () => {
    const page = pageOf();
    page.offer('1.1.0-b');
    page.offer('1.0.0-a');
    expect(page.standing).toBe('current');
    page.offer(undefined);
    expect(page.standing).toBe('current');
  });

  it('tells of a build once it was closed only if there is another one', () => {
    const page = pageOf();
    page.offer('1.1.0-b');
    page.close();
    expect(page.standing).toBe('current');
    page.offer('1.1.0-b');
    expect(page.standing).toBe('current');
    page.offer('1.2.0-c');
    expect(page.standing).toBe('updated');
  });

  it('is incomplete when a part is missing because of an update, but not without a network', async () => {
    const offline = pageOf(false);
    await offline.partFailed();
    expect(offline.standing).toBe('current');
    const page = pageOf();
    page.offer('1.1.0-b');
    page.close();
    await page.partFailed();
    expect(page.standing).toBe('incomplete');
    page.close();
    expect(page.standing).toBe('current');
  });
});
