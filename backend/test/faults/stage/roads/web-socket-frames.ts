/** One frame of a WebSocket (RFC 6455, section 5.2): all its bytes, and its payload if it is text. */
export interface Frame {
  readonly bytes: Buffer;
  readonly text: string;
}

const TEXT = 1;
const [TWO_BYTES, EIGHT_BYTES] = [126, 127];

/** Splits complete frames off the front. */
export function cutFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly remainder: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  for (let length = lengthOf(rest); length !== undefined && length <= rest.length; length = lengthOf(rest)) {
    frames.push(frameOf(rest.subarray(0, length)));
    rest = rest.subarray(length);
  }
  return { frames, remainder: rest };
}

/** Where the masked payload begins, and its length; `undefined` while the header is incomplete. */
function payloadOf(bytes: Buffer): { readonly at: number; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  if (short < TWO_BYTES) return { at: 2, length: short };
  if (short === TWO_BYTES) return bytes.length < 4 ? undefined : { at: 4, length: bytes.readUInt16BE(2) };
  if (short === EIGHT_BYTES && bytes.length >= 10) return { at: 10, length: Number(bytes.readBigUInt64BE(2)) };
  return undefined;
}

const maskBytes = (bytes: Buffer): 0 | 4 => ((bytes.readUInt8(1) & 0x80) === 0 ? 0 : 4);

function lengthOf(bytes: Buffer): number | undefined {
  const payload = payloadOf(bytes);
  return payload && payload.at + maskBytes(bytes) + payload.length;
}

function frameOf(bytes: Buffer): Frame {
  if ((bytes.readUInt8(0) & 0x0f) !== TEXT) return { bytes, text: '' };
  const at = payloadOf(bytes)?.at ?? 0;
  const masked = maskBytes(bytes);
  const payload = Buffer.from(bytes.subarray(at + masked));
  // A copy: the frame itself is forwarded unchanged.
  for (let index = 0; masked > 0 && index < payload.length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (bytes[at + (index % 4)] ?? 0);
  }
  return { bytes, text: payload.toString('utf8') };
}
