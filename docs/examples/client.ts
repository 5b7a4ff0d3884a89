/**
 * Asks a question and prints the reply while it is written: all that a client has to do, and nothing more.
 *
 *     TOKEN=... node docs/examples/client.ts "What is a lockstep?"
 *
 * `LOCKSTEP_URL` names the server. With `LOSSY=1` it loses batches and its connection on purpose, to show that the
 * text comes out whole all the same.
 */
import { io, type Socket } from 'socket.io-client';
import type {
  Command,
  CommandName,
  CommandResults,
  ConversationEvent,
  ConversationState,
  Cursor,
  Reply,
  ServerToClient,
  StreamEvents,
} from '#protocol';

type Heads = Parameters<ServerToClient['stream:heads']>[0];

const { LOCKSTEP_URL = 'http://localhost:3000', TOKEN = '', LOSSY } = process.env;
const conversationId = crypto.randomUUID();
const stream = `conversation:${conversationId}`;

const socket: Socket = io(LOCKSTEP_URL, {
  transports: ['websocket'],
  auth: { token: TOKEN, protocol: 1 },
});

let cursor: Cursor = { epoch: '', seq: 0 };
let isSubscribing = false;
let waiting: StreamEvents[] = [];
let text = '';

/** From where we stand. What arrives meanwhile waits: it may be older than the answer, or newer. */
async function subscribe(): Promise<void> {
  isSubscribing = true;
  const result = await send('stream:subscribe', { stream, after: cursor });
  isSubscribing = false;
  if (result.mode === 'snapshot') {
    begin(result.state as ConversationState);
    cursor = { epoch: result.epoch, seq: result.seq };
  } else {
    waiting.unshift({ stream, epoch: result.epoch, events: result.events });
  }
  const batches = waiting;
  waiting = [];
  for (const batch of batches) receive(batch);
}

function receive(batch: StreamEvents): void {
  if (isSubscribing) {
    waiting.push(batch);
    return;
  }
  for (const { seq, type, data } of batch.events) {
    if (batch.epoch === cursor.epoch && seq <= cursor.seq) continue;
    if (batch.epoch !== cursor.epoch || seq > cursor.seq + 1) {
      console.error(`\n[a gap after ${cursor.seq}: subscribing again]`);
      subscribe().catch(failed);
      return;
    }
    apply({ type, data } as ConversationEvent);
    cursor = { epoch: batch.epoch, seq };
  }
}

function begin({ messages }: ConversationState): void {
  const reply = messages.at(-1);
  write(reply?.text.slice(text.length) ?? '');
  if (reply && reply.status !== 'streaming') finish(reply.status, reply.text.length);
}

function apply(event: ConversationEvent): void {
  if (event.type === 'run.delta') {
    if (event.data.offset !== text.length) throw new Error(`text of ${text.length}, delta at ${event.data.offset}`);
    write(event.data.text);
  } else if (event.type === 'run.finished') {
    finish(event.data.status, event.data.length);
  }
}

function write(piece: string): void {
  text += piece;
  process.stdout.write(piece);
}

function finish(status: string, length: number): void {
  console.error(`\n[${status}: ${text.length} of ${length} units]`);
  socket.close();
}

/** Sends a command; its answer is the data, or the error's code. */
async function send<Name extends CommandName>(name: Name, payload: Command<Name>): Promise<CommandResults[Name]> {
  const reply = (await socket.timeout(10_000).emitWithAck(name, payload)) as Reply<CommandResults[Name]>;
  if (reply.ok) return reply.data;
  throw new Error(`${name}: ${reply.error.code}, ${reply.error.message}`);
}

/** What was lost with the connection is asked for again once there is one. */
function failed(error: unknown): void {
  if (socket.connected) giveUp(error);
}

function giveUp(error: unknown): void {
  console.error(error);
  process.exit(1);
}

/** The last event of a stream may be the one that is lost: then only its head tells. */
socket.on('stream:heads', ({ epoch, heads }: Heads) => {
  const head = heads.find((one) => one.stream === stream);
  if (head && !isSubscribing && (epoch !== cursor.epoch || head.seq > cursor.seq)) subscribe().catch(failed);
});
socket.on('stream:lagging', () => void subscribe().catch(failed));

let batches = 0;
socket.on('stream:events', (batch: StreamEvents) => {
  batches += 1;
  if (LOSSY && batches % 20 === 0) return;
  if (LOSSY && batches === 50) socket.io.engine.close();
  receive(batch);
});

/** The same `clientMessageId` each time: sent twice it is still one message, and one call to the model. */
const question = {
  clientMessageId: crypto.randomUUID(),
  conversationId,
  text: process.argv[2] ?? 'What is a lockstep?',
};
let isSent = false;
socket.on('disconnect', () => {
  isSubscribing = false;
  waiting = [];
});
socket.on('connect', () => {
  const start = async (): Promise<void> => {
    if (!isSent) await send('message:send', question);
    isSent = true;
    await subscribe();
  };
  start().catch(failed);
});
socket.on('connect_error', (error: Error & { data?: { code: string } }) => {
  if (error.data) giveUp(`The server refused: ${error.data.code}`);
});
