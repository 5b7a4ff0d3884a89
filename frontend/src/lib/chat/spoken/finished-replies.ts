import { toast } from 'svelte-sonner';
import { goto } from '$app/navigation';
import type { ConversationSummary } from '#protocol';
import { m } from '#lib/language/messages.svelte.ts';
import { preferences } from '#lib/client.ts';
import { notify } from '#lib/system-notifications.svelte.ts';
import type { Attention } from './attention.ts';
import type { UnseenReplies } from './unseen-replies.svelte.ts';

/** Tells of a reply that has ended in a conversation that nobody looks at: a dot, and whatever reaches the person. */
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
      // All tabs agree on the moment at which it ended: the first one speaks for them.
      await notify({ key: `${id}:${updatedAt}`, title: name, text: m.finished_reply(), path: `/chat/${id}`, open });
    }
  }
}
