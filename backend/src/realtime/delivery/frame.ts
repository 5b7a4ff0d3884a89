const FIN_TEXT = 0x81;
/** Engine.IO's "message", Socket.IO's "event". */
const ENGINE_MESSAGE = '4';
const SOCKET_EVENT = '2';

/** One message for many connections: encoded once, however many read it. */
export interface Frame {
  /** What a transport that is not a plain WebSocket sends: the packet without its Engine.IO type. */
  readonly text: string;
  /** The whole WebSocket frame. Shared by all who send it: never to be written into. */
  readonly bytes: Buffer;
}

/** @param json the JSON text of the event's one argument */
export function eventFrame(event: string, json: string): Frame {
  const text = `${SOCKET_EVENT}["${event}",${json}]`;
  return { text, bytes: webSocketFrame(ENGINE_MESSAGE + text) };
}

/** An unmasked text frame in one piece (RFC 6455, 5.2). */
export function webSocketFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = FIN_TEXT;
  if (start === 2) {
    frame[1] = length;
  } else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}
