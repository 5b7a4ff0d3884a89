import { Injectable } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import type { RunsStatements } from '../database/transactions/transaction.js';
import type { StreamName, TeamState } from '../protocol/index.js';
import { type Reader, type StreamSource, StreamSources } from '../streams/log/stream-sources.js';
import { readStanding } from './announcements/announcement-rows.js';

type Name = Extract<StreamName, { kind: 'team' }>;

/** The source of `team:<role>`: what admins have set for everybody with this role. */
@Injectable()
export class TeamStream implements StreamSource<Name> {
  constructor(
    sources: StreamSources,
    private readonly clock: Clock,
  ) {
    sources.register('team', this);
  }

  /** Only those who have the role now: texts for admins stay among admins. */
  mayRead(_transaction: RunsStatements, reader: Reader, { role }: Name): Promise<boolean> {
    return Promise.resolve(reader.role === role);
  }

  async snapshot(transaction: RunsStatements, { role }: Name): Promise<TeamState> {
    const at = this.clock.now();
    return { announcements: [...(await readStanding(transaction, at, role))], at };
  }
}
