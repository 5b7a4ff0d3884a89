import { Global, Module } from '@nestjs/common';
import { LogOutput } from './log-output.js';

/** The one place where the process writes its log. */
@Global()
@Module({ providers: [LogOutput], exports: [LogOutput] })
export class LogOutputModule {}
