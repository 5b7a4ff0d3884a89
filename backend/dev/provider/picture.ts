import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/** The pattern has 7 × 7 cells with an empty border, and is the same on both sides. */
const CELLS = 7;
const CELL_PIXELS = 24;
const SIGNATURE = Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1');

/** A picture for an account of the local provider: a pattern in two colours, made of the subject (a PNG). */
export function drawPicture(subject: string): Buffer {
  const hash = createHash('sha256').update(subject).digest();
  const size = CELLS * CELL_PIXELS;
  const rows = Array.from({ length: size }, (_row, y) =>
    // Each row begins with its filter: none.
    Buffer.from([0, ...Array.from({ length: size }, (_pixel, x) => cellAt(hash, cell(x), cell(y)))]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits for each pixel, which is the number of a colour.
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from([...mixed(hash, 226), ...mixed(hash, 96)])),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const cell = (pixel: number): number => Math.floor(pixel / CELL_PIXELS);

function cellAt(hash: Buffer, x: number, y: number): number {
  if (x === 0 || y === 0 || x === CELLS - 1 || y === CELLS - 1) return 0;
  return ((hash[y] ?? 0) >> Math.min(x, CELLS - 1 - x)) & 1;
}

/** A colour around this brightness, tinted by the hash. */
const mixed = (hash: Buffer, brightness: number): number[] =>
  [...hash.subarray(8, 11)].map((tint) => Math.min(255, brightness - 64 + (tint >> 1)));

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
