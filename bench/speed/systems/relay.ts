/**
 * The baseline of the comparison: the minimum that brings a model's tokens to tabs. It reads the model's stream by
 * hand, writes each token to the sockets of its room, and stores nothing: no database, no sign-in, no way to catch up.
 *
 *     PORT=4401 MODEL_PORT=4400 node bench/speed/systems/relay.ts
 */
import { Agent, createServer, request } from 'node:http';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { readRelayCommand, type RelayMessage } from './relay-messages.ts';

const { PORT, MODEL_PORT } = process.env;
const agent = new Agent({ keepAlive: true, maxFreeSockets: 4_096 });
const rooms = new Map<string, Set<WebSocket>>();

function tell(room: string, message: RelayMessage): void {
  const frame = Buffer.from(JSON.stringify(message));
  for (const socket of rooms.get(room) ?? []) socket.send(frame, { binary: false });
}

/** Calls the model, and calls back with each token. */
function ask(question: string, onToken: (text: string) => void, onEnd: () => void): void {
  const body = JSON.stringify({ model: 'bench', stream: true, messages: [{ role: 'user', content: question }] });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const path = '/v1/chat/completions';
  request({ agent, host: '127.0.0.1', port: MODEL_PORT, path, method: 'POST', headers }, (response) => {
    let rest = '';
    response.setEncoding('utf8').on('end', onEnd);
    response.on('data', (text: string) => {
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        if (event === 'data: [DONE]') continue;
        const { choices } = JSON.parse(event.slice('data: '.length)) as {
          choices: readonly { delta: { content?: string } }[];
        };
        const content = choices[0]?.delta.content;
        if (content !== undefined && content !== '') onToken(content);
      }
    });
  }).end(body);
}

const server = createServer((_, response) => response.end('ok'));
new WebSocketServer({ server, perMessageDeflate: false, skipUTF8Validation: true }).on('connection', (socket) => {
  socket.on('message', (data: RawData) => {
    const { room, question } = readRelayCommand(data);
    if (question === undefined) {
      const sockets = rooms.get(room) ?? new Set();
      rooms.set(room, sockets.add(socket));
      socket.once('close', () => sockets.delete(socket));
      socket.send(JSON.stringify({ room, joined: true } satisfies RelayMessage));
    } else {
      ask(
        question,
        (text) => tell(room, { room, text }),
        () => tell(room, { room, ended: true }),
      );
    }
  });
});
server.listen(Number(PORT), '127.0.0.1');
