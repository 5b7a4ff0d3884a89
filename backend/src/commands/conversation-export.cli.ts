import 'reflect-metadata';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Conversation } from '../chat/conversations/conversation.entity.js';
import { ExportService } from '../chat/conversations/export.service.js';
import { CommandRefused, WrongUsage } from '../common/command-refused.js';
import { uuid } from '../protocol/index.js';
import { LiveDeltas } from '../streams/journal/live-deltas.js';
import { recordAct } from '../users/admin/audit.js';
import { User } from '../users/user.entity.js';
import { besideServer, type Installation } from './beside-server.js';
import { oneOf, onlyArgument, readArguments, runProgram } from './program.js';

const FORMATS = { md: 'markdown', json: 'json' } as const;
const NAMES = ['md', 'json'] as const;

const USAGE = `Usage: npm run --silent conversation:export -- ID [--format ${NAMES.join('|')}]

Writes a conversation to standard output, in the format of the export of the page. The audit records it.

  ID              the id of the conversation, which is in its address: /chat/ID
  --format md     the branch in view, as Markdown; the default
  --format json   all branches, as JSON`;

await runProgram(USAGE, async (args) => {
  const options = { format: { type: 'string', default: 'md' } } as const;
  const { values, positionals } = readArguments({ args, options });
  const id = uuid.safeParse(onlyArgument(positionals, 'ID'));
  if (!id.success) throw new WrongUsage(`"${positionals.join(' ')}" is not the id of a conversation.`);
  const format = FORMATS[oneOf(NAMES, values.format, 'format')];
  await besideServer(process.env, async (installation) => {
    const { database } = installation;
    const userId = await record(installation, id.data);
    // The texts of running replies are all in the database, since this process writes none.
    const { content } = await new ExportService(database, new LiveDeltas()).export({ userId }, id.data, format);
    await pipeline(Readable.from(content), process.stdout, { end: false });
  });
});

/** Records the export in the audit. @returns the id of the owner. @throws CommandRefused without such a conversation */
async function record({ log }: Installation, id: string): Promise<string> {
  return log.write(async (transaction) => {
    const conversation = await transaction.em.findOne(Conversation, { id, deletedAt: null });
    if (!conversation) throw new CommandRefused(`There is no conversation ${id}.`);
    const target = await transaction.em.findOneOrFail(User, { id: conversation.userId });
    const detail = { conversationId: id };
    await recordAct(transaction, { action: 'conversation.exported', actorId: null, target, detail });
    return conversation.userId;
  });
}
