import { Module } from '@nestjs/common';
import { LanguageModel } from './language-model.js';
import { UsageMeter } from './usage/usage-meter.js';

@Module({ providers: [LanguageModel, UsageMeter], exports: [LanguageModel, UsageMeter] })
export class ModelsModule {}
