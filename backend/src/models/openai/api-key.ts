import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { ModelsConfig } from '../../config/config.js';

/** The key of the model's API. One in a file can be replaced while the server runs. */
export class ApiKey {
  private readonly logger = new Logger(ApiKey.name);
  private known: string;

  constructor(private readonly config: Pick<ModelsConfig, 'apiKey' | 'apiKeyFile'>) {
    this.known = config.apiKey;
  }

  /** The key at this moment. While the file cannot be read or is empty, the last key is used. */
  async read(): Promise<string> {
    const { apiKeyFile: file } = this.config;
    if (file === undefined) return this.known;
    try {
      const key = (await readFile(file, 'utf8')).trim();
      if (key === '') this.logger.warn({ msg: 'OPENAI_API_KEY_FILE is empty: the last key is used', file });
      else this.known = key;
    } catch (error) {
      this.logger.warn({ msg: 'OPENAI_API_KEY_FILE cannot be read: the last key is used', file, err: error });
    }
    return this.known;
  }
}
