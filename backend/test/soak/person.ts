import { setTimeout as delay } from 'node:timers/promises';

import type { Turn, Scene } from '../faults/stage/scene.js';
import { CommandRefused, type Tab } from '../faults/stage/tabs/tab.js';

const MOST_CONVERSATIONS = 4;
/** Refusals of commands about runs that have ended, or conversations that the other tab has deleted. */
const EXPECTED_REFUSALS = new Set(['not_found', 'rate_limited', 'run_active']);

/** Does in a minute what a user does in an hour: sends, stops, renames, drafts, deletes, reloads. */
export class Person {
  private readonly conversations: Turn[] = [];

  constructor(
    private readonly scene: Scene,
    private readonly tabs: readonly Tab[],
  ) {}

  /** Acts until the shift is over. A command without a reply in time is a violation. */
  async work(isOver: () => boolean): Promise<void> {
    const { random } = this.scene;
    while (!isOver()) {
      await delay(random.between(300, 2_500));
      try {
        await this.act();
      } catch (error) {
        if (error instanceof CommandRefused && EXPECTED_REFUSALS.has(error.code)) continue;
        this.scene.expect('L6', false, String(error));
      }
    }
  }

  private act(): Promise<unknown> {
    const { random } = this.scene;
    const tab = random.pick(this.tabs);
    const chance = random.next();
    const [known] = this.conversations.length === 0 ? [] : [random.pick(this.conversations)];
    if (!known || chance < 0.35) return this.ask(tab);
    const { conversationId } = known;
    if (chance < 0.5) return tab.insist('run:stop', { runId: this.scene.runOf(known) });
    if (chance < 0.6)
      return tab.insist('conversation:update', { conversationId, title: `Title ${random.between(1, 99)}` });
    if (chance < 0.75) {
      const origin = this.scene.person.userId;
      return tab.insist('draft:set', { conversationId, text: `Draft ${random.between(1, 99)}`, origin });
    }
    if (chance < 0.85) return Promise.resolve(tab.breakConnection());
    if (chance < 0.93) return this.lookAgain(tab, known);
    return this.delete(tab, known);
  }

  private async ask(tab: Tab): Promise<void> {
    const { random } = this.scene;
    const isNew = this.conversations.length < MOST_CONVERSATIONS;
    const plan = { tokens: random.between(5, 60), delayMs: random.between(20, 120), attempts: 3 };
    const at = random.between(0, this.conversations.length - 1);
    const conversationId = isNew ? undefined : this.conversations[at]?.conversationId;
    const turn = await this.scene.ask(tab, { ...plan, ...(conversationId && { conversationId }) });
    if (isNew) this.conversations.push(turn);
    else this.conversations[at] = turn;
  }

  private async lookAgain(tab: Tab, { stream }: Turn): Promise<void> {
    tab.leave(stream);
    await delay(this.scene.random.between(0, 500));
    tab.follow(stream);
  }

  /** Unsubscribes first: a tab that reconnects after the deletion gets no event about it. */
  private async delete(tab: Tab, turn: Turn): Promise<void> {
    this.conversations.splice(this.conversations.indexOf(turn), 1);
    for (const each of this.tabs) each.leave(turn.stream);
    await tab.insist('conversation:delete', { conversationId: turn.conversationId });
  }
}
