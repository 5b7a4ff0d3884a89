import { goto } from '$app/navigation';
import type { ConversationSummary } from '#protocol';
import { m } from '#lib/language/messages.svelte.ts';
import { api } from '#lib/client.ts';
import { saveFile } from '#lib/http/save-file.ts';
import { useShell } from '#lib/ui/frame/shell.svelte.ts';
import type { UndoOffers } from '#lib/ui/dialogs/undo.ts';
import { type ConversationList, useConversationList } from '../sidebar/conversation-list.svelte.ts';
import { orToast } from '../shell/failure-toast.ts';

export type ActedOn = Pick<ConversationSummary, 'id' | 'title' | 'pinned' | 'archived'>;
export type ExportFormat = 'markdown' | 'json';

/** Actions on a whole conversation, from the sidebar or its own menu. Deleting and archiving can be undone. */
class ConversationActions {
  constructor(
    private readonly list: ConversationList,
    private readonly undo: UndoOffers,
  ) {}

  /** Leaves the page first: it would otherwise tell the user that the conversation they just deleted is gone. */
  async delete({ id, title }: ActedOn): Promise<void> {
    const wasOpen = this.list.openId === id;
    const comeBack = (): Promise<void> => (wasOpen ? goto(`/chat/${id}`, { replace: true }) : Promise.resolve());
    if (wasOpen) await goto('/chat', { replace: true });
    if (!(await orToast(this.list.delete(id)))) return comeBack();
    this.undo.offer(id, m.conversation_deleted(), title || m.action_new_chat(), () => {
      void orToast(this.list.restore(id).then(comeBack));
    });
  }

  async archive({ id, title }: ActedOn, archived: boolean): Promise<void> {
    if (!(await orToast(this.list.archive(id, archived)))) return;
    // A banner above the conversation already says so, with a button to undo it.
    if (archived && this.list.openId === id) return;
    const what = archived ? m.conversation_archived() : m.conversation_unarchived();
    this.undo.offer(id, what, title || m.action_new_chat(), () => void orToast(this.list.archive(id, !archived)));
  }

  async pin({ id, pinned }: ActedOn): Promise<void> {
    await orToast(this.list.pin(id, !pinned));
  }

  /** Saves the conversation as a download. */
  async export({ id }: ActedOn, format: ExportFormat): Promise<void> {
    await orToast(api.file(`/api/conversations/${id}/export?format=${format}`).then(saveFile));
  }
}

/** Call it while a component is being created: it reads contexts. */
export const useConversationActions = (): ConversationActions =>
  new ConversationActions(useConversationList(), useShell().undo);
