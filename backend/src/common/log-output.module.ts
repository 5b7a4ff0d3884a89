import { Global, Module } from '@nestjs/common';
import { LogOutput } from './log-output.js';

/** Provides the only output of the log. */
@Global()
@Module({ providers: [LogOutput], exports: [LogOutput] })
export class LogOutputModule {}
