import { Global, Module } from '@nestjs/common';
import { CompactorService } from './compactor.service.js';
import { EventLog } from './event-log.js';
import { Follower } from './follower.js';
import { Journal } from './journal.js';
import { LiveDeltas } from './live-deltas.js';
import { StreamReader } from './stream-reader.js';
import { StreamSources } from './stream-sources.js';

@Global()
@Module({
  providers: [CompactorService, EventLog, Follower, Journal, LiveDeltas, StreamReader, StreamSources],
  exports: [CompactorService, EventLog, Follower, Journal, LiveDeltas, StreamReader, StreamSources],
})
export class StreamsModule {}
