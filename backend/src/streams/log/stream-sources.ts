import { Injectable } from '@nestjs/common';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import type { Role, StreamName } from '../../protocol/index.js';
import type { TextOf } from '../journal/journal-tables.js';

/** Who wants to read, from the current row of the user. */
export interface Reader {
  readonly userId: string;
  readonly role: Role;
}

/** What a feature folder says about its kind of stream. */
export interface StreamSource<Name extends StreamName = StreamName> {
  /** Whether the reader may have it now; something foreign looks like something that does not exist (`A3`). */
  mayRead(transaction: RunsStatements, reader: Reader, name: Name): Promise<boolean>;
  /** The state that all events so far have led to; `undefined` when there is no such thing. */
  snapshot(transaction: RunsStatements, name: Name, textOf: TextOf): Promise<unknown>;
}

/** Who answers for which kind of stream. The folders register theirs at start; this one knows none of them. */
@Injectable()
export class StreamSources {
  private readonly sources = new Map<StreamName['kind'], StreamSource>();

  register<Kind extends StreamName['kind']>(
    kind: Kind,
    source: StreamSource<Extract<StreamName, { kind: Kind }>>,
  ): void {
    this.sources.set(kind, source);
  }

  get(name: StreamName): StreamSource {
    const source = this.sources.get(name.kind);
    if (!source) throw new Error(`No source for ${name.kind} streams`);
    return source;
  }
}
