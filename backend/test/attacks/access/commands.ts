import { type Access, admins, anyone, everyRole, users } from './access.js';

/**
 * Every command of a socket and who may send it, one line each, in the order of the protocol. Personal access tokens open
 * no sockets, and `anyone` is every socket that was let in, also after its access token has expired. A new command needs
 * its line here.
 */
export const COMMANDS: Readonly<Record<string, Access>> = {
  'stream:subscribe': everyRole(),
  'stream:unsubscribe': anyone(),
  'message:send': users({
    ids: { clientMessageId: 'chosen', conversationId: 'new or conversation', parentId: 'message' },
  }),
  'message:edit': users({ ids: { clientMessageId: 'chosen', messageId: 'message' } }),
  'message:regenerate': users({ ids: { clientMessageId: 'chosen', messageId: 'message' } }),
  'message:continue': users({ ids: { clientMessageId: 'chosen', messageId: 'message' } }),
  'message:rate': users({ ids: { messageId: 'message' } }),
  'queue:update': users({ ids: { messageId: 'queued message' } }),
  'queue:remove': users({ ids: { messageId: 'queued message' } }),
  'queue:send': users({ ids: { messageId: 'queued message' } }),
  'run:stop': users({ ids: { runId: 'run' } }),
  'draft:set': users({ ids: { conversationId: 'conversation', origin: 'chosen' } }),
  'conversation:update': users({ ids: { conversationId: 'conversation', leafId: 'message' } }),
  'conversation:delete': users({ ids: { conversationId: 'conversation' } }),
  'conversation:restore': users({ ids: { conversationId: 'conversation' } }),
  'announcement:dismiss': everyRole({ ids: { announcementId: 'shared' } }),
  'auth:refresh': anyone(),
  'admin:stop-run': admins({ ids: { runId: 'shared' } }),
  'admin:set-role': admins({ ids: { userId: 'shared' } }),
};
