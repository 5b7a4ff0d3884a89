import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunsService } from '../../src/chat/runs/runs.service.js';
import { Database } from '../../src/database/database.js';
import { HeldAnswers, refuses, says } from '../../testing/model/script.js';
import { newProgram, post } from '../programs/calls.js';
import { holdDatabase } from '../database/held-database.js';
import { begin, newMessage, whenEnded, whenNamed } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { growth, METRICS_TOKEN, readMetrics, whenGrown } from './readings.js';

const MODEL = { model: 'test-model' };
/** Before its first text. */
const PAUSE_MS = 120;

let server: TestServer;
let tab: TestClient;
beforeAll(async () => {
  server = await TestServer.start({ METRICS_TOKEN });
  tab = await server.connect(await server.signIn('Ada'));
});
afterAll(() => server[Symbol.asyncDispose]());

describe('the metrics of a reply', () => {
  it('have the time to its first text, once, and the end of its run, but not those of the title', async () => {
    const grown = await growth(server);
    server.model.next(says(['One, ', 'two'], { delayMs: PAUSE_MS }));
    const { stream } = await begin(tab);
    await whenNamed(tab, stream);
    expect(await grown('lockstep_time_to_first_token_seconds_count', MODEL)).toBe(1);
    const seconds = await grown('lockstep_time_to_first_token_seconds_sum', MODEL);
    expect(seconds).toBeGreaterThanOrEqual(PAUSE_MS / 1_000);
    // The second text came later.
    expect(seconds).toBeLessThan(20);
    await whenGrown(grown, 1, 'lockstep_runs_ended_total', { end: 'completed', ...MODEL });
    expect(await grown('lockstep_runs_ended_total')).toBe(1);
  });

  it('have the delay that each delta was given by the server, and the commits that wrote it', async () => {
    const grown = await growth(server);
    server.model.next(says(['One, ', 'two, ', 'three'], { delayMs: 60 }));
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    const deltas = await grown('lockstep_token_delay_seconds_count');
    expect(deltas).toBeGreaterThanOrEqual(1);
    expect(deltas).toBeLessThanOrEqual(3);
    expect(await grown('lockstep_commit_events_sum')).toBe(deltas);
    expect(await grown('lockstep_commit_events_count')).toBe(await grown('lockstep_commit_duration_seconds_count'));
    expect(await grown('lockstep_commit_duration_seconds_sum')).toBeGreaterThan(0);
    // The pauses of the model do not belong to it.
    expect(await grown('lockstep_token_delay_seconds_sum')).toBeGreaterThan(0);
    // The message, and the end of the run.
    expect(await grown('lockstep_transaction_duration_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(await grown('lockstep_transaction_duration_seconds_sum')).toBeGreaterThan(0);
  });

  it('count a stopped run, and the runs that are active now', async () => {
    const grown = await growth(server);
    const answers = new HeldAnswers();
    server.model.next(answers.script);
    const { runId, stream } = await begin(tab);
    await answers.next();
    expect((await readMetrics(server.url)).sum('lockstep_active_runs')).toBe(1);
    await tab.command('run:stop', { runId });
    await whenEnded(tab, stream);
    await whenGrown(grown, 1, 'lockstep_runs_ended_total', { end: 'stopped', ...MODEL });
    await until(async () => (await readMetrics(server.url)).sum('lockstep_active_runs') === 0, 'no active run');
  });

  it('count a failed run once, and each failed request to the model by its kind', async () => {
    const grown = await growth(server);
    server.model.next(refuses(500));
    server.model.next(refuses(401));
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    await whenGrown(grown, 1, 'lockstep_runs_ended_total', { end: 'failed', ...MODEL });
    expect(await grown('lockstep_model_errors_total', { kind: 'model_unavailable', ...MODEL })).toBe(1);
    expect(await grown('lockstep_model_errors_total', { kind: 'model_auth', ...MODEL })).toBe(1);
  });

  it('also count a reply to a program, which is not kept', async () => {
    const grown = await growth(server);
    const { token } = await newProgram(server, 'Bob');
    server.model.next(says(['Hi']));
    const body = { model: 'other-model', messages: [{ role: 'user', content: 'Hi' }] };
    expect((await post(server, token, body)).status).toBe(200);
    await whenGrown(grown, 1, 'lockstep_runs_ended_total', { end: 'completed', model: 'other-model' });
    expect(await grown('lockstep_time_to_first_token_seconds_count', { model: 'other-model' })).toBe(1);
    // No client waits for its commits, and it is no message.
    expect(await grown('lockstep_token_delay_seconds_count')).toBe(0);
    expect(await grown('lockstep_messages_sent_total')).toBe(0);
  });
});

describe('the metrics of messages', () => {
  it('count a message that was accepted, the same one again, and one that was refused', async () => {
    const grown = await growth(server);
    server.model.next(says(['Hi']));
    const message = newMessage();
    await tab.command('message:send', message);
    await whenEnded(tab, `conversation:${message.conversationId}`);
    expect((await tab.command('message:send', message)).duplicate).toBe(true);
    await tab.refused('message:send', { ...newMessage(), model: 'gone-model' });
    for (const result of ['accepted', 'repeated', 'refused']) {
      expect([result, await grown('lockstep_messages_sent_total', { result })]).toEqual([result, 1]);
    }
  });
});

const onSqlite = process.env['TEST_DATABASE_URL'] === undefined ? it : it.skip;
onSqlite(
  'text that waits for the database is counted while it waits (SQLite only: one transaction at a time)',
  async () => {
    const depth = async (): Promise<number> => (await readMetrics(server.url)).sum('lockstep_commit_queue_depth');
    const answers = new HeldAnswers();
    server.model.next(answers.script);
    const { stream } = await begin(tab);
    const answer = await answers.next();
    expect(await depth()).toBe(0);
    {
      await using _held = await holdDatabase(server.get(Database));
      // The first piece is in a commit that waits for the transaction; the next ones wait for the next commit.
      await until(async () => {
        await answer.text('piece ');
        return (await depth()) === 1;
      }, 'text waits');
    }
    await answer.finish('stop');
    await answer.done();
    await whenEnded(tab, stream);
    await until(async () => (await depth()) === 0, 'nothing waits');
  },
);

it('a run that the server ends when it stops is counted as interrupted', async () => {
  const grown = await growth(server);
  const answers = new HeldAnswers();
  server.model.next(answers.script);
  await begin(tab);
  await answers.next();
  await server.get(RunsService).drain(0);
  await whenGrown(grown, 1, 'lockstep_runs_ended_total', { end: 'interrupted', ...MODEL });
});
