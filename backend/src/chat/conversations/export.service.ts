import { Injectable } from '@nestjs/common';
import { dateOf } from '../../clock.js';
import { Database } from '../../database/database.js';
import type { Conversation, Message as MessageView, QueuedMessage } from '../../protocol/index.js';
import { textReader } from '../../streams/journal/journal-tables.js';
import { LiveDeltas } from '../../streams/journal/live-deltas.js';
import type { Caller } from '../../common/handlers/principal.js';
import { viewConversation, viewMessage } from '../chat.views.js';
import { type ExportPage, pagesOfAll, pagesOfBranch } from './export-pages.js';
import { Message } from '../messages/message.entity.js';
import { notFound, ownConversation } from './ownership.js';
import { readQueue, viewQueued } from '../queue/queue.js';
import { streamedTexts } from '../runs/run-text.js';

export interface ExportFile {
  readonly fileName: string;
  readonly mediaType: string;
  /** Generated while it is read, a page of messages at a time. Throws `not_found` if the conversation is removed. */
  readonly content: AsyncIterable<string>;
}

interface Export {
  readonly conversation: Conversation;
  readonly queue: readonly QueuedMessage[];
  readonly pages: readonly ExportPage[];
}

/**
 * Exports a conversation as a file: the branch in view as Markdown, or all branches as JSON. The ids of the messages
 * are read at the beginning, the texts while the download proceeds, each page in its own transaction: a transaction
 * that stayed open during a slow download would keep SQLite's WAL from being checkpointed.
 */
@Injectable()
export class ExportService {
  constructor(
    private readonly database: Database,
    private readonly live: LiveDeltas,
  ) {}

  /** @throws ChatError `not_found` */
  async export({ userId }: Pick<Caller, 'userId'>, id: string, format: 'markdown' | 'json'): Promise<ExportFile> {
    const found = await this.database.readAside(async (em): Promise<Export> => {
      const conversation = viewConversation(await ownConversation(em, userId, id));
      const queue = (await readQueue(em, id)).map(viewQueued);
      const pages = await (format === 'json' ? pagesOfAll(em, id) : pagesOfBranch(em, id, conversation.leafId));
      return { conversation, queue, pages };
    });
    const name = fileName(found.conversation.title);
    return format === 'markdown'
      ? { fileName: `${name}.md`, mediaType: 'text/markdown', content: this.writeMarkdown(found) }
      : { fileName: `${name}.json`, mediaType: 'application/json', content: this.writeJson(found) };
  }

  private async *writeMarkdown({ conversation, pages }: Export): AsyncGenerator<string> {
    yield `# ${conversation.title}\n`;
    for (const page of pages) yield (await this.read(conversation.id, page)).map(markdownOf).join('');
  }

  private async *writeJson({ conversation, queue, pages }: Export): AsyncGenerator<string> {
    yield `{\n  "version": 1,\n  "conversation": ${indented(conversation, 2)},\n  "messages": [`;
    let separator = '';
    for (const page of pages) {
      const messages = await this.read(conversation.id, page);
      const written = messages.map((message) => `\n    ${indented(message, 4)}`).join(',');
      yield `${separator}${written}`;
      separator = ',';
    }
    yield `${separator && '\n  '}],\n  "queue": ${indented(queue, 2)}\n}\n`;
  }

  /** The messages of a page in its order. */
  private async read(conversationId: string, ids: ExportPage): Promise<MessageView[]> {
    const ofPage = { conversationId, id: { $in: [...ids] } };
    const rows = await this.database.readAside((em) => em.find(Message, ofPage));
    if (rows.length < ids.length) throw notFound('conversation');
    const views = new Map(rows.map((row) => [row.id, viewMessage(row)]));
    if (rows.some(({ status }) => status === 'streaming')) {
      // The text of a streaming reply is in the journal, which is read in a transaction of the main connection.
      const latest = await this.database.reading(async (transaction) => {
        const again = await transaction.em.find(Message, { ...ofPage });
        const streaming = again.filter(({ status }) => status === 'streaming');
        const texts = await streamedTexts(transaction.em, streaming, textReader(transaction, this.live));
        return again.map((row) => viewMessage(row, texts.get(row.id)));
      });
      for (const view of latest) views.set(view.id, view);
    }
    return ids.flatMap((id) => views.get(id) ?? []);
  }
}

function markdownOf({ role, model, createdAt, text }: MessageView): string {
  const who = role === 'user' ? 'You' : `Assistant${model ? ` (${model})` : ''}`;
  return `\n## ${who}, ${dateOf(createdAt).toISOString()}\n\n${text}\n`;
}

/** The value as JSON for a place with this indentation. Line breaks within texts are escaped, so they stay. */
const indented = (value: unknown, indent: number): string =>
  JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${' '.repeat(indent)}`);

/** Only letters, digits and hyphens, so that every file system accepts the name. */
const fileName = (title: string): string =>
  title
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80) || 'conversation';
