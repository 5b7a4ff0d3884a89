import { Global, Module } from '@nestjs/common';
import { ProcessBus } from './bus/process-bus.js';
import { CompactorService } from './compactor.service.js';
import { EventLog } from './event-log.js';
import { Journal } from './journal.js';
import { LiveDeltas } from './live-deltas.js';
import { StreamReader } from './stream-reader.js';
import { StreamSources } from './stream-sources.js';

@Global()
@Module({
  providers: [CompactorService, EventLog, Journal, LiveDeltas, ProcessBus, StreamReader, StreamSources],
  exports: [CompactorService, EventLog, Journal, LiveDeltas, ProcessBus, StreamReader, StreamSources],
})
export class StreamsModule {}
