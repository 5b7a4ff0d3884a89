import { describe, expect, it } from '@jest/globals';
import { DispatchService } from '../../../src/chat/queue/dispatch.service.js';
import { RunsService } from '../../../src/chat/runs/runs.service.js';
import { ModelServer } from '../../../testing/model/model-server.js';
import { begin, stateOf } from '../../support/conversation.js';
import { held, queued } from '../../support/queue.js';
import { until } from '../../support/test-client.js';
import { createTestDatabase } from '../../support/test-database.js';
import { TestServer } from '../../support/test-server.js';

describe('a queue whose process has died', () => {
  it('[L6] [L9] is sent by the next process, once, also with several processes', async () => {
    await using database = await createTestDatabase();
    await using model = await ModelServer.start();
    const first = await TestServer.start({}, { database, model });
    const person = await first.signIn('Ada');
    const tab = await first.connect(person);
    const answer = held('First answer');
    model.next(answer.script);
    const { conversationId, stream } = await begin(tab);
    const sent = await tab.command('message:send', queued(conversationId, 'Second'));
    await tab.command('message:send', queued(conversationId, 'Third'));
    // The reply ends while the server stops: the end is committed, but the server does not send the next message.
    const stopped = first.stop(10_000);
    await until(() => first.get(RunsService).draining, 'the server drains');
    answer.release();
    await stopped;
    expect(model.requests).toHaveLength(1);

    await using second = await TestServer.start({}, { database, model });
    const servers = [second];
    if (second.config.database.kind === 'postgresql') {
      servers.push(await TestServer.start({}, { database, model }), await TestServer.start({}, { database, model }));
    }
    await Promise.all(servers.flatMap((one) => [1, 2, 3].map(() => one.get(DispatchService).sweep())));
    const again = await second.connect(second.renew(person));
    await until(async () => {
      const { queue, messages } = stateOf(await again.subscribe(stream));
      return queue.length === 0 && messages.every(({ status }) => status === 'completed');
    }, 'everything is answered');
    const { messages } = stateOf(await again.subscribe(stream));
    expect(messages.map(({ text }) => text)).toEqual([
      'Hello',
      'First answer',
      'Second',
      'Hello, world!',
      'Third',
      'Hello, world!',
    ]);
    expect(messages[2]?.id).toBe(sent.messageId);
    expect(messages[3]?.runId).toBe(sent.runId);
    expect(model.requests).toHaveLength(3);
    for (const one of servers.slice(1)) await one[Symbol.asyncDispose]();
  });
});
