import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Tracing } from './tracing.js';

/** Provides what was opened before the modules, because requests and the log need it first. */
@Global()
@Module({})
export class TracingModule {
  static with(tracing: Tracing): DynamicModule {
    return {
      module: TracingModule,
      providers: [{ provide: Tracing, useValue: tracing }],
      exports: [Tracing],
    };
  }
}
