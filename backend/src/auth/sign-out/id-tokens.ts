import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { deriveKeys } from '../derived-key.js';
import { Seal } from '../secrets/seal.js';

/** Encrypts ID tokens for the database: they contain names and addresses. */
@Injectable()
export class IdTokens extends Seal {
  constructor(@Inject(CONFIG) config: Config) {
    super(deriveKeys(config, 'id-token'));
  }
}
