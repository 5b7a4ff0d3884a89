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
/** Output is flushed as early as possible; a truncated body yields its data up to the truncation. */
const DEFLATE = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };
/** The low half of a zlib header's first byte (RFC 1950). */
const ZLIB_METHOD = 8;

/**
 * The decompressed body of a response. Requests do not ask for compression, but some proxies compress anyway. The
 * returned stream already has an `error` listener where one is needed.
 * @throws ModelError when the compression is unknown
 */
export function bodyOf(response: IncomingMessage): Readable {
  const codings = (response.headers['content-encoding'] ?? '').toLowerCase().split(',');
  let body: Readable = response;
  // The coding that was applied last is undone first.
  for (const coding of codings.map((name) => name.trim()).reverse()) {
    if (coding === '' || coding === 'identity') continue;
    const decoder = decoderOf(coding);
    // The reader gets errors from the decoder; this listener only keeps an error before that from ending the process.
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

/** HTTP's "deflate" has a zlib header (RFC 9110, section 8.4.1.2), but some servers omit it. */
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
