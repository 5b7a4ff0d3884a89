import { Global, Module } from '@nestjs/common';
import { ProcessBus } from './bus/process-bus.js';
import { CompactorService } from './compaction/compactor.service.js';
import { EventLog } from './log/event-log.js';
import { Journal } from './journal/journal.js';
import { LiveDeltas } from './journal/live-deltas.js';
import { StreamReader } from './log/stream-reader.js';
import { StreamSources } from './log/stream-sources.js';

@Global()
@Module({
  providers: [CompactorService, EventLog, Journal, LiveDeltas, ProcessBus, StreamReader, StreamSources],
  exports: [CompactorService, EventLog, Journal, LiveDeltas, ProcessBus, StreamReader, StreamSources],
})
export class StreamsModule {}
