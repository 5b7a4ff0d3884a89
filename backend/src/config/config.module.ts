import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Config } from './config.js';

/** The injection token of the `Config`: `@Inject(CONFIG) private readonly config: Config`. */
export const CONFIG = Symbol('config');

@Global()
@Module({})
export class ConfigModule {
  static with(config: Config): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: CONFIG, useValue: config }], exports: [CONFIG] };
  }
}
