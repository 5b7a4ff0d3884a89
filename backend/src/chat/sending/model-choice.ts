import { ChatError, type ConversationSettings } from '../../protocol/index.js';
import type { AskCommand } from './ask-command.js';

/** @throws ChatError `bad_request` when the command names a model that the installation does not offer */
export function refuseUnoffered({ name, command }: AskCommand, allowed: readonly string[]): void {
  if (name === 'message:send') refuseUnknownSettings(command.settings, allowed);
  if (name === 'message:send' || name === 'message:regenerate') refuseUnknownModel('model', command.model, allowed);
}

/** @throws ChatError `bad_request`, naming `key`, when the installation does not offer the model */
function refuseUnknownModel(key: string, model: string | undefined, allowed: readonly string[]): void {
  if (model !== undefined && !allowed.includes(model)) {
    throw new ChatError('bad_request', `${key}: is not one of the allowed`);
  }
}

/** @throws ChatError `bad_request` as `refuseUnoffered` */
export const refuseUnknownSettings = (settings: ConversationSettings | undefined, allowed: readonly string[]): void =>
  refuseUnknownModel('settings.model', settings?.model, allowed);

/**
 * The model that answers: the first of those that are named, then the one that the user prefers, then the
 * installation's first. What is no longer offered is passed over: a message that waits in a queue has nobody who could
 * be told. Whoever acts for a person who waits refuses it before, by the functions above.
 *
 * @param named of the command, the conversation, or the reply that goes on, in the order in which they count
 * @param preferred by the user
 */
export function chooseModel(
  named: readonly (string | null | undefined)[],
  preferred: string | undefined,
  allowed: readonly string[],
): string {
  return [...named, preferred, ...allowed].find((model) => typeof model === 'string' && allowed.includes(model)) ?? '';
}
