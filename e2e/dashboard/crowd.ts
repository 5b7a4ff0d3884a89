import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from '@playwright/test';
import { conversationStream } from '#protocol';
import { TabSocket } from '../../backend/testing/tab/tab-socket.ts';
import { newPerson } from '../support/people.ts';
import { fetchSession } from '../support/sign-in.ts';

/** What people ask of the local model, in turns: most replies are long, and some fail in different ways. */
const QUESTIONS = [
  'How do I debounce a function in TypeScript?',
  '/fast Plan a week in Lisbon',
  '/count 200 40',
  '/slow Why is the sky blue?',
  '/fast Compare three sorting algorithms',
  '/error 429',
  '/count 300 60',
  '/reset 20 Explain TCP',
  '/error 503',
];
/** The model that some of them choose. */
const OTHER_MODEL = 'gpt-4o-mini';
/** One reply in this many is stopped by its reader. */
const STOPPED = 7;
const LONGEST_WAIT_MS = 20_000;

/** People with an open tab each, who ask, read, and ask again. */
export class Crowd {
  readonly #tabs: readonly TabSocket[];

  private constructor(tabs: readonly TabSocket[]) {
    this.#tabs = tabs;
  }

  static async gather(url: string, people: number): Promise<Crowd> {
    const tabs: TabSocket[] = [];
    for (let count = 0; count < people; count += 1) {
      const context = await request.newContext({ baseURL: url });
      tabs.push(new TabSocket(url, await fetchSession(context, newPerson())));
      await context.dispose();
    }
    await Promise.all(tabs.map((tab) => tab.connected()));
    return new Crowd(tabs);
  }

  /** Resolves when the time is over, and the last replies have ended or were given up. */
  async ask(forMs: number): Promise<void> {
    const until = performance.now() + forMs;
    const person = async (tab: TabSocket, number: number): Promise<void> => {
      // One after the other, so that the graphs show a beginning.
      await delay((number * forMs) / (3 * this.#tabs.length));
      for (let turn = number; performance.now() < until; turn += 1) await askOnce(tab, turn);
    };
    await Promise.all(this.#tabs.map(person));
  }

  async leave(): Promise<void> {
    for (const { socket } of this.#tabs) socket.close();
    await Promise.resolve();
  }
}

/** Sends a question in a new conversation, and reads the reply to its end, or stops it. */
async function askOnce(tab: TabSocket, turn: number): Promise<void> {
  const conversationId = randomUUID();
  const stream = conversationStream(conversationId);
  const text = QUESTIONS[turn % QUESTIONS.length] ?? '';
  const ended = endOf(tab, stream);
  const { runId } = await tab.command('message:send', {
    clientMessageId: randomUUID(),
    conversationId,
    text,
    ...(turn % 3 === 0 && { model: OTHER_MODEL }),
  });
  await tab.command('stream:subscribe', { stream });
  if (turn % STOPPED === 0 && runId !== undefined) {
    await Promise.race([ended, delay(1_500)]);
    await tab.raw('run:stop', { runId });
  }
  await ended;
  await tab.command('stream:unsubscribe', { stream });
}

/** Resolves when the tab hears that the reply has ended; at the latest after a while, as it may have missed that. */
async function endOf(tab: TabSocket, stream: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listen: Parameters<typeof tab.socket.on<'stream:events'>>[1] = ({ stream: heard, events }) => {
    if (heard === stream && events.some(({ type }) => type === 'run.finished')) resolve();
  };
  tab.socket.on('stream:events', listen);
  await Promise.race([promise, delay(LONGEST_WAIT_MS)]);
  tab.socket.off('stream:events', listen);
}
