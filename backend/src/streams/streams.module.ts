import { Global, Module } from '@nestjs/common';
import { CompactorService } from './compactor.service.js';
import { EventLog } from './event-log.js';
import { StreamReader } from './stream-reader.js';
import { StreamSources } from './stream-sources.js';

@Global()
@Module({
  providers: [CompactorService, EventLog, StreamReader, StreamSources],
  exports: [CompactorService, EventLog, StreamReader, StreamSources],
})
export class StreamsModule {}
