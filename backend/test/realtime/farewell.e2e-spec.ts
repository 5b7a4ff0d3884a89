import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { says } from '../../testing/model/script.js';
import { begin, newMessage, whenNamed } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';

let server: TestServer;
beforeAll(async () => (server = await TestServer.start()));
afterAll(() => server[Symbol.asyncDispose]());

it('[L3] a tab that repeatedly unsubscribes and subscribes again at once gets all later events', async () => {
  const person = await server.signIn('Ada');
  const [asking, hasty] = await Promise.all([server.connect(person), server.connect(person)]);
  server.model.next(says(['Well']));
  const { stream, conversationId } = await begin(asking);
  await whenNamed(asking, stream);
  for (let round = 0; round < 20; round += 1) {
    const answers: Promise<unknown>[] = [hasty.subscribe(stream)];
    for (let time = 0; time < 5; time += 1) {
      answers.push(hasty.raw('stream:unsubscribe', { stream }), hasty.subscribe(stream));
    }
    await Promise.all(answers);
    server.model.next(says([`Answer ${round}`]));
    const { runId } = await asking.command('message:send', newMessage(`Question ${round}`, conversationId));
    await hasty.event(stream, 'run.finished', (data) => data.runId === runId);
  }
  expect(hasty.eventsOf(stream).length).toBeGreaterThan(20);
});
