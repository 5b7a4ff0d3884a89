import { toast } from 'svelte-sonner';
import { goto } from '$app/navigation';
import type { ConversationSummary } from '#protocol';
import { m } from '#lib/language/messages.svelte.ts';
import { preferences } from '#lib/client.ts';
import { notify } from '#lib/system-notifications.svelte.ts';
import type { Attention } from './attention.ts';
import type { UnseenReplies } from './unseen-replies.svelte.ts';

/** Marks a reply that ended in a conversation out of view with a dot, and shows a toast or a notification. */
export class FinishedReplies {
  constructor(
    private readonly attention: Attention,
    private readonly unseen: UnseenReplies,
  ) {}

  async onSummary({ id, title, updatedAt }: ConversationSummary): Promise<void> {
    if (await this.attention.isOn(id)) return;
    this.unseen.add(id);
    const name = title || m.action_new_chat();
    const open = (): void => void goto(`/chat/${id}`);
    if (document.visibilityState === 'visible') {
      toast(name, { description: m.finished_reply(), action: { label: m.finished_open(), onClick: open } });
    } else if (preferences.current.notifications && !(await this.attention.isHere())) {
      // `updatedAt` is the same in all tabs, so the key makes one notification of theirs.
      await notify({ key: `${id}:${updatedAt}`, title: name, text: m.finished_reply(), path: `/chat/${id}`, open });
    }
  }
}
