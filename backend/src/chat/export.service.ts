import { Injectable } from '@nestjs/common';
import type { Principal } from '../users/principal.js';
import { Database } from '../database/database.js';
import { type Conversation, type Message as MessageView } from '../protocol/index.js';
import { textReader } from '../streams/journal-tables.js';
import { LiveDeltas } from '../streams/live-deltas.js';
import { viewConversation, viewMessage } from './chat.views.js';
import { Message } from './message.entity.js';
import { ownConversation } from './ownership.js';
import { readBranch } from './branch.js';
import { readQueue, viewQueued } from './queue.js';
import { streamedTexts } from './run-text.js';

export interface ExportFile {
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: string;
}

/** No branch is as long. */
const WHOLE_BRANCH = 100_000;

/** A conversation as a file: the branch in view as Markdown to read, or all branches as JSON to keep. */
@Injectable()
export class ExportService {
  constructor(
    private readonly database: Database,
    private readonly live: LiveDeltas,
  ) {}

  /** @throws ChatError `not_found` */
  export({ userId }: Principal, id: string, format: 'markdown' | 'json'): Promise<ExportFile> {
    return this.database.reading(async (transaction) => {
      const { em } = transaction;
      const textOf = textReader(transaction, this.live);
      const conversation = viewConversation(await ownConversation(em, userId, id));
      const name = fileName(conversation.title);
      if (format === 'markdown') {
        const { messages } = await readBranch(em, id, conversation.leafId, WHOLE_BRANCH, textOf);
        return { fileName: `${name}.md`, mediaType: 'text/markdown', content: writeMarkdown(conversation, messages) };
      }
      const rows = await em.find(Message, { conversationId: id }, { orderBy: { createdAt: 'asc', id: 'asc' } });
      const texts = await streamedTexts(
        em,
        rows.filter(({ status }) => status === 'streaming'),
        textOf,
      );
      const messages = rows.map((row) => viewMessage(row, texts.get(row.id)));
      const queue = (await readQueue(em, id)).map(viewQueued);
      const content = `${JSON.stringify({ version: 1, conversation, messages, queue }, undefined, 2)}\n`;
      return { fileName: `${name}.json`, mediaType: 'application/json', content };
    });
  }
}

function writeMarkdown({ title }: Conversation, messages: readonly MessageView[]): string {
  const parts = messages.map(({ role, model, createdAt, text }) => {
    const who = role === 'user' ? 'You' : `Assistant${model ? ` (${model})` : ''}`;
    return `## ${who}, ${new Date(createdAt).toISOString()}\n\n${text}\n`;
  });
  return [`# ${title}\n`, ...parts].join('\n');
}

/** Letters and digits of any script, so that every file system takes it. */
const fileName = (title: string): string =>
  title
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80) || 'conversation';
