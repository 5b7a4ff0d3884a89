import { describe, expect, it } from '@jest/globals';
import { eventFrame, webSocketFrame } from './frame.js';

describe('a prepared frame', () => {
  it('has the header for its length in bytes', () => {
    expect(webSocketFrame('é'.repeat(62)).subarray(0, 2).toString('hex')).toBe('817c');
    expect(webSocketFrame('é'.repeat(63)).subarray(0, 4).toString('hex')).toBe('817e007e');
    expect(webSocketFrame('x'.repeat(65_535)).subarray(0, 4).toString('hex')).toBe('817effff');
    expect(webSocketFrame('x'.repeat(65_536)).subarray(0, 10).toString('hex')).toBe('817f0000000000010000');
  });

  it('is the packet that Socket.IO would have sent', () => {
    const { text, bytes } = eventFrame('stream:events', '{"stream":"admin"}');
    expect(text).toBe('2["stream:events",{"stream":"admin"}]');
    expect(bytes.subarray(2).toString()).toBe(`4${text}`);
    expect(bytes[1]).toBe(bytes.length - 2);
  });
});
