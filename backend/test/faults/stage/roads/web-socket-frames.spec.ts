import { describe, expect, it } from '@jest/globals';
import { cutFrames } from './web-socket-frames.js';

const unmasked = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const short = payload.length < 126;
  const head = Buffer.alloc(short ? 2 : 4);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(short ? payload.length : 126, 1);
  if (!short) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
};

const masked = (text: string): Buffer => {
  const mask = Buffer.from([1, 2, 3, 4]);
  const payload = Buffer.from(text).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
};

describe('WebSocket frames', () => {
  it('are split one by one, with unchanged bytes', () => {
    const bytes = Buffer.concat([unmasked('42["one"]'), masked('43["two"]'), unmasked('x'.repeat(700))]);
    const { frames, remainder } = cutFrames(bytes);
    expect(frames.map(({ text }) => text.slice(0, 9))).toEqual(['42["one"]', '43["two"]', 'xxxxxxxxx']);
    expect(Buffer.concat(frames.map((frame) => frame.bytes))).toEqual(bytes);
    expect(remainder).toHaveLength(0);
  });

  it('are returned only when they are complete', () => {
    const whole = masked('42["later"]');
    for (let cut = 0; cut < whole.length; cut += 1) {
      expect(cutFrames(whole.subarray(0, cut))).toEqual({ frames: [], remainder: whole.subarray(0, cut) });
    }
  });
});
