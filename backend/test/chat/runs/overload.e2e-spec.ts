import { expect, it } from '@jest/globals';
import { scaled } from '../../../testing/pace.js';
import { newMessage } from '../../support/conversation.js';
import { until } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const TABS = 4;
const SENDS_OF_A_TAB = 250;
/** Not how soon the replies come is tested here: the pace of the machine may have changed since the start. */
const DEADLINE_MS = scaled(60_000);

it('a thousand messages at once all get a reply: accepted, or overloaded with a retry time', async () => {
  await using server = await TestServer.start({
    MAX_EVENTS_PER_SECOND: '10000',
    MAX_EVENTS_BURST: '10000',
    MAX_RUNS_PER_USER: '10000',
    MAX_SENDS_PER_MINUTE: '10000',
  });
  const person = await server.signIn('Ada');
  const tabs = await Promise.all(Array.from({ length: TABS }, () => server.connect(person)));
  const replies = await Promise.all(
    tabs.flatMap((tab) =>
      Array.from({ length: SENDS_OF_A_TAB }, () => tab.raw('message:send', newMessage(), DEADLINE_MS)),
    ),
  );
  const begun = replies.filter(({ ok }) => ok).length;
  expect(begun).toBeGreaterThan(0);
  for (const reply of replies) {
    if (!reply.ok) expect(reply.error).toMatchObject({ code: 'overloaded', retryable: true });
    if (!reply.ok) expect(reply.error.retryAfterMs).toBeGreaterThan(0);
  }
  // All sockets are still connected, and not limited any more once the load has passed.
  for (const tab of tabs) {
    await until(async () => (await tab.raw('message:send', newMessage(), DEADLINE_MS)).ok, 'accepted', 60_000);
  }
});
