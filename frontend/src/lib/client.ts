import { z } from 'zod';
import type { User } from '#protocol';
import { Api, serverAnswers } from './http/api.ts';
import { Connection } from './sync/connection.svelte.ts';
import { browserDraftStorage } from './drafts/draft-storage.ts';
import { Drafts } from './drafts/drafts.svelte.ts';
import { beforeNextPaint } from './sync/frame.ts';
import { adoptFormerOutbox, outboxStorage } from './outbox/outbox-storage.ts';
import { Outbox } from './outbox/outbox.svelte.ts';
import { browserStorage } from './storage/personal-storage.ts';
import { PreferenceChoices } from './preference-choices.svelte.ts';
import { Session } from './session/session.svelte.ts';
import { Streams } from './sync/streams.svelte.ts';

/*
 * The one place that connects the parts which talk to the server. A page has one of each; load functions need them
 * before any component exists, which is why they are not in a context.
 */

// Zod would compile its parsers with `eval`, which the page's Content-Security-Policy refuses.
z.config({ jitless: true });

export const session = new Session();
export const api = new Api(session);
export const connection = new Connection(session, serverAnswers);

export const streams = new Streams(
  {
    subscribe: (stream, after, timeoutMs) =>
      connection.send('stream:subscribe', { stream, ...(after && { after }) }, timeoutMs),
    unsubscribe: (stream) => {
      connection
        .send('stream:unsubscribe', { stream })
        .catch((error: unknown) => console.debug(`${stream} is unsubscribed by the loss of the connection`, error));
    },
    get isConnected() {
      return connection.isConnected;
    },
  },
  beforeNextPaint,
);

const acknowledgeListeners = new Set<(conversationId: string) => void>();

/** Calls back when the server has acknowledged a message of this tab's outbox. */
export function onAcknowledged(listener: (conversationId: string) => void): () => void {
  acknowledgeListeners.add(listener);
  return () => acknowledgeListeners.delete(listener);
}

const waiting = outboxStorage(browserStorage);

export const outbox = new Outbox(
  waiting,
  (message) => connection.send('message:send', message),
  ({ conversationId }) => {
    for (const listener of acknowledgeListeners) listener(conversationId);
  },
  () => session.user?.id,
);

adoptFormerOutbox(waiting).then(
  (isMoved) => isMoved && outbox.open(),
  (error: unknown) => console.debug('Messages of an earlier version cannot be read', error),
);

export const drafts = new Drafts(
  browserDraftStorage,
  (command) => connection.send('draft:set', command),
  () => session.user?.id,
);

export const preferences = new PreferenceChoices(
  session,
  (chosen) => api.patch<User>('/api/profile/me', { preferences: chosen }),
  browserStorage,
);

const bringPreferences = (): void => {
  preferences.resume().catch((error: unknown) => console.warn('Preferences could not be saved', error));
};

connection.listen({
  connected() {
    streams.connected();
    outbox.resume();
    drafts.resume();
    bringPreferences();
  },
  disconnected: () => streams.disconnected(),
  events: streams.events,
  heads: streams.heads,
  lagging: streams.lagging,
  probe: () => streams.probe(),
});

session.onEnd((end) => {
  connection.stop();
  drafts.close();
  outbox.close();
  preferences.close();
  // A user whose session expired comes back for their texts. In all other cases nothing is left for the next user.
  if (end !== 'expired') browserStorage.forget();
});

session.onStart(({ id }) => {
  browserStorage.forget(id);
  preferences.open(id);
});
