import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  type Inflate,
  type InflateRaw,
} from 'node:zlib';
import { ModelError } from '../model-error.js';

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush: ZSTD_FLUSH } = constants;
/** Each byte is given as soon as it can be; a body that is cut gives what there is of it. */
const DEFLATE = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };
/** The low half of a zlib header's first byte (RFC 1950). */
const ZLIB_METHOD = 8;

/**
 * The bytes of an answer as its server meant them. Nobody asks for compression, but a proxy may have its own mind about
 * that; what is not compressed is handed on as it is. Its errors are listened to.
 * @throws ModelError when the compression is unknown
 */
export function bodyOf(response: IncomingMessage): Readable {
  const codings = (response.headers['content-encoding'] ?? '').toLowerCase().split(',');
  let body: Readable = response;
  // The last one that was applied is undone first.
  for (const coding of codings.map((name) => name.trim()).reverse()) {
    if (coding === '' || coding === 'identity') continue;
    const decoder = decoderOf(coding);
    // What goes wrong arrives at the decoder, which the reader listens to from the same turn on.
    decoder.on('error', () => undefined);
    body = pipeline(body, decoder, () => undefined);
  }
  return body;
}

function decoderOf(coding: string): Transform {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(DEFLATE);
    case 'deflate':
      return new Deflated();
    case 'br':
      return createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return createZstdDecompress({ flush: ZSTD_FLUSH, finishFlush: ZSTD_FLUSH });
    default:
      throw new ModelError('model_bad_response');
  }
}

/** HTTP's "deflate" has a zlib header (RFC 9110, section 8.4.1.2), which some servers leave out. */
class Deflated extends Transform {
  private inner: Inflate | InflateRaw | undefined;

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.inner ??= this.open(bytes[0] ?? 0);
    this.inner.write(bytes, done);
  }

  override _flush(done: TransformCallback): void {
    if (!this.inner) return done();
    this.inner.once('end', () => done()).end();
  }

  private open(first: number): Inflate | InflateRaw {
    const inner = (first & 0x0f) === ZLIB_METHOD ? createInflate(DEFLATE) : createInflateRaw(DEFLATE);
    return inner.on('data', (bytes) => this.push(bytes)).on('error', (error) => this.destroy(error));
  }
}
