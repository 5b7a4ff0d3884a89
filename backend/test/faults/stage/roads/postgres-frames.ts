/** One message of PostgreSQL's wire protocol: its type, and the body after the length. */
export interface PostgresFrame {
  /** Empty for the first message of a client, which has no type. */
  readonly letter: string;
  readonly body: Buffer;
  /** The whole message as on the wire. */
  readonly bytes: Buffer;
}

const LENGTH_BYTES = 4;

/**
 * Splits the bytes of one side into messages. https://www.postgresql.org/docs/current/protocol-message-formats.html
 *
 * An encrypted connection cannot be parsed: these tests use none.
 */
export class PostgresFrames {
  private rest: Buffer = Buffer.alloc(0);

  /** @param hasGreeting whether the first message has no type */
  constructor(private hasGreeting: boolean) {}

  /** The messages that are complete with these bytes. */
  *read(bytes: Buffer): Generator<PostgresFrame> {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (;;) {
      const start = this.hasGreeting ? 0 : 1;
      if (this.rest.length < start + LENGTH_BYTES) return;
      const end = start + this.rest.readInt32BE(start);
      if (this.rest.length < end) return;
      const frame = this.rest.subarray(0, end);
      const letter = this.hasGreeting ? '' : String.fromCharCode(frame.readUInt8(0));
      this.hasGreeting = false;
      this.rest = this.rest.subarray(end);
      yield { letter, body: frame.subarray(start + LENGTH_BYTES), bytes: frame };
    }
  }
}

/** The strings at the beginning of a body, each terminated by a zero byte. */
export function textsOf(body: Buffer, count: number): string[] {
  const texts: string[] = [];
  for (let at = 0; texts.length < count && at < body.length;) {
    const end = body.indexOf(0, at);
    texts.push(body.toString('utf8', at, end));
    at = end + 1;
  }
  return texts;
}
