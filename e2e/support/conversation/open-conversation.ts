import { expect, type Page } from '@playwright/test';
import { Chat } from '../chat.ts';
import { newPerson } from '../people.ts';
import { seedConversation } from './seed-conversation.ts';
import { signIn } from '../sign-in.ts';

/** Signs a new person in who has this conversation, and opens it; at one of its messages, if one is named. */
export async function openConversation(
  page: Page,
  databasePath: string,
  texts: readonly string[],
  sought?: number,
): Promise<Chat> {
  const person = newPerson();
  await signIn(page, person);
  const { id, messageIds } = seedConversation(databasePath, person.email, texts);
  await page.goto(sought === undefined ? `/chat/${id}` : `/chat/${id}?message=${messageIds[sought]}`);
  const chat = new Chat(page);
  await expect(chat.replies.last()).toBeVisible();
  return chat;
}
