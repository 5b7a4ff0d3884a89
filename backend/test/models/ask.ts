import { expect } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ModelsConfig } from '../../src/config/config.js';
import { readConfig } from '../../src/config/read-config.js';
import { LanguageModel } from '../../src/models/language-model.js';
import type { ModelRequest, ReplySink, Turn } from '../../src/models/model-request.js';
import type { Usage } from '../../src/protocol/index.js';
import type { ModelServer } from '../../testing/model/model-server.js';

/** The server's own model client, connected to a scripted server. */
export function modelOf(server: ModelServer, changes: Partial<ModelsConfig> = {}): LanguageModel {
  Logger.overrideLogger(false);
  const config = readConfig({
    APP_SECRET: 'a secret of thirty-two characters',
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: server.baseUrl,
  });
  const models = { ...config.models, firstTokenMs: 5_000, betweenTokensMs: 5_000, ...changes };
  return new LanguageModel({ ...config, models });
}

const question: readonly Turn[] = [{ role: 'user', text: 'Hello?' }];

export function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gpt-4.1',
    history: question,
    requestId: 'request-1',
    signal: new AbortController().signal,
    ...changes,
  };
}

export interface Outcome {
  readonly texts: string[];
  readonly usage: Usage | undefined;
  readonly error: unknown;
}

/** A sink that handles each text, and ignores the usage. */
export const forText = (text: (text: string) => void): ReplySink => ({ text, usage: () => undefined });

/** Reads a reply to its end, successful or not. */
export async function ask(model: LanguageModel, changes: Partial<ModelRequest> = {}): Promise<Outcome> {
  const texts: string[] = [];
  let usage: Usage | undefined;
  try {
    await model.reply(request(changes), { text: (text) => texts.push(text), usage: (counted) => (usage = counted) });
    return { texts, usage, error: undefined };
  } catch (error) {
    return { texts, usage, error };
  }
}

/** Matches a `ModelError` with that code. */
export const failure = (code: string): unknown => expect.objectContaining({ name: 'ModelError', code });

/** Collects what is logged at the default level, until the next model is created. */
export function logged(): object[] {
  const lines: object[] = [];
  const keep = (line: object): unknown => lines.push(line);
  Logger.overrideLogger({ log: keep, warn: keep, error: keep });
  return lines;
}
