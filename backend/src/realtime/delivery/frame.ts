const FIN_TEXT = 0x81;
/** The packet types "message" of Engine.IO and "event" of Socket.IO. */
const ENGINE_MESSAGE = '4';
const SOCKET_EVENT = '2';

/** One message for many connections, encoded once. */
export interface Frame {
  /** The packet without the Engine.IO type, for sending through Engine.IO. */
  readonly text: string;
  /** The whole WebSocket frame. It is shared, so it must not be modified. */
  readonly bytes: Buffer;
}

/** Encodes a Socket.IO event. @param json the JSON text of its only argument */
export function eventFrame(event: string, json: string): Frame {
  const text = `${SOCKET_EVENT}["${event}",${json}]`;
  return { text, bytes: webSocketFrame(ENGINE_MESSAGE + text) };
}

/** Encodes an unmasked, unfragmented text frame (RFC 6455, 5.2). */
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
