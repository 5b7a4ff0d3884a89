import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asyncApi } from '../../src/contract/async-api.js';
import {
  adminEvents,
  commands,
  CONNECT_ERRORS,
  conversationEvents,
  ERROR_CODES,
  serverMessages,
  teamEvents,
  userEvents,
} from '../../src/protocol/index.js';
import { begin } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';

interface Document {
  readonly channels: Readonly<Record<string, { readonly address?: string; readonly messages: object }>>;
  readonly operations: Readonly<Record<string, { readonly action: string; readonly reply?: object }>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const document = asyncApi() as unknown as Document;
const channelOf = (address: string) =>
  Object.entries(document.channels).find(([, channel]) => channel.address === address);

describe('the AsyncAPI document', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  it('is valid by the published schema', () => {
    const published: unknown = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    // The schema uses formats that do not matter for the structure, and a dialect of its own.
    const validate = new Ajv({ strict: false, validateFormats: false, logger: false }).compile(published as object);
    expect([validate(document), validate.errors]).toEqual([true, null]);
    expect(validate({ ...document, channels: { broken: 1 } })).toBe(false);
  });

  it('is served at /api/docs-asyncapi', async () => {
    expect(await (await server.fetch('/api/docs-asyncapi')).json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('has each command with its replies, and each message of the server', () => {
    for (const name of Object.keys(commands)) {
      const [id = ''] = channelOf(name) ?? [];
      expect([name, document.operations[id]]).toMatchObject([
        name,
        { action: 'receive', reply: { messages: [{}, {}] } },
      ]);
    }
    for (const name of Object.keys(serverMessages)) {
      const [id = ''] = channelOf(name) ?? [];
      expect([name, document.operations[id]]).toMatchObject([name, { action: 'send' }]);
    }
    expect(Object.keys(document.channels).length).toBe(
      1 + Object.keys(commands).length + Object.keys(serverMessages).length,
    );
  });

  it('has each event, each code and each refusal of a connection', () => {
    const text = JSON.stringify(document);
    for (const type of [conversationEvents, userEvents, teamEvents, adminEvents].flatMap((some) => Object.keys(some))) {
      expect(text).toContain(`"const":"${type}"`);
    }
    expect(document.components.schemas['ReplyError']).toMatchObject({
      properties: { code: { enum: [...ERROR_CODES] } },
    });
    expect(document.channels['connect']?.messages).toMatchObject({
      refusal: { payload: { properties: { code: { enum: [...CONNECT_ERRORS] } } } },
    });
  });

  it('has no reference without a target', () => {
    const at = (path: string): unknown =>
      path
        .slice(2)
        .split('/')
        .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], document);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((path) => at(path) === undefined)).toEqual([]);
  });

  it('describes the events that a tab receives, so that a client can validate them', async () => {
    const tab = await server.connect(await server.signIn('Ada'));
    const { stream } = await begin(tab);
    await tab.follow(stream);
    const finished = await tab.event(stream, 'run.finished');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'contract', components: document.components });
    const validate = ajv.compile({ $ref: 'contract#/components/schemas/StreamEvent' });
    for (const event of tab.eventsOf(stream)) expect([event, validate(event)]).toEqual([event, true]);
    expect(validate({ seq: 1, at: 1, type: 'run.finished', data: { ...finished, length: 'long' } })).toBe(false);
  });
});
