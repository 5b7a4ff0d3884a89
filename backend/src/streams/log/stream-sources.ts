import { Injectable } from '@nestjs/common';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import type { Role, StreamName } from '../../protocol/index.js';
import type { TextOf } from '../journal/journal-tables.js';

/** The user who reads, from the current row in the database. */
export interface Reader {
  readonly userId: string;
  readonly role: Role;
}

/** The permissions and snapshots of one kind of stream, provided by the folder of the feature. */
export interface StreamSource<Name extends StreamName = StreamName> {
  /** Whether the reader may read the stream now; a stream of another user looks as if it did not exist (`A3`). */
  mayRead(transaction: RunsStatements, reader: Reader, name: Name): Promise<boolean>;
  /** The state after all events so far; `undefined` when the stream's subject does not exist. */
  snapshot(transaction: RunsStatements, name: Name, textOf: TextOf): Promise<unknown>;
}

/** The registry of stream sources. The folders of features register theirs, so that this one does not import them. */
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
