import type { z } from 'zod';
import {
  type CommandName,
  commands,
  connectRefusal,
  handshake,
  PROTOCOL_VERSION,
  replyError,
  results,
  serverMessages,
} from '../protocol/index.js';
import { namedSchemas } from './named-schemas.js';
import { type JsonSchema, SchemaBook } from './schema-book.js';

const CONTENT_TYPE = 'application/json';
const HANDSHAKE = 'connect';
const TAGS = {
  command: { name: 'command', description: 'Commands that a client sends.' },
  server: { name: 'server', description: 'Events that the server sends.' },
  connection: { name: 'connection', description: 'The handshake of a connection.' },
};
const SECURITY_SCHEMES = {
  accessToken: {
    type: 'apiKey',
    in: 'password',
    description: 'The `token` of the handshake: the `accessToken` from an exchange or a refresh.',
  },
};
const SECURITY: readonly JsonSchema[] = [{ $ref: '#/components/securitySchemes/accessToken' }];

/** A channel and its operation, from the server's point of view: it receives commands and sends events. */
interface Described {
  readonly channel: JsonSchema;
  readonly operation: JsonSchema;
}

/** The AsyncAPI 3 document of the socket: the handshake, the commands with their replies, and the server's events. */
export function asyncApi(): JsonSchema {
  const book = new SchemaBook(namedSchemas);
  const described: Record<string, Described> = { [HANDSHAKE]: describeHandshake(book) };
  for (const name of Object.keys(commands) as CommandName[]) described[idOf(name)] = describeCommand(name, book);
  for (const [name, schema] of Object.entries(serverMessages))
    described[idOf(name)] = describeMessage(name, schema, book);
  const parts = Object.entries(described);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Lockstep',
      version: String(PROTOCOL_VERSION),
      description:
        'Socket.IO 4, namespace `/`, websocket transport only. An address is the name of an event, and a reply is ' +
        'its acknowledgement. The OpenAPI document describes the HTTP routes.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: {
      installation: {
        host: '{host}',
        pathname: '/socket.io',
        protocol: 'wss',
        description: 'This installation; `ws` if it is not encrypted.',
        variables: { host: { default: 'localhost:3000' } },
      },
    },
    defaultContentType: CONTENT_TYPE,
    channels: Object.fromEntries(parts.map(([id, { channel }]) => [id, channel])),
    operations: Object.fromEntries(parts.map(([id, { operation }]) => [id, operation])),
    components: { schemas: book.components, tags: TAGS, securitySchemes: SECURITY_SCHEMES },
  };
}

/** Identifiers in AsyncAPI must not contain colons. */
const idOf = (name: string): string => name.replaceAll(':', '.');
const toChannel = (id: string): JsonSchema => ({ $ref: `#/channels/${id}` });
const toTag = (tag: keyof typeof TAGS): JsonSchema => ({ $ref: `#/components/tags/${tag}` });
const toMessage = (id: string, message: string): JsonSchema => ({ $ref: `#/channels/${id}/messages/${message}` });

function describeCommand(name: CommandName, book: SchemaBook): Described {
  const id = idOf(name);
  return {
    channel: {
      address: name,
      messages: {
        command: { name, payload: book.input(commands[name]) },
        success: {
          name: `${name} succeeded`,
          payload: object({ ok: { const: true }, data: book.output(results[name]) }),
        },
        refusal: {
          name: `${name} refused`,
          payload: object({ ok: { const: false }, error: book.output(replyError) }),
        },
      },
    },
    operation: {
      action: 'receive',
      channel: toChannel(id),
      messages: [toMessage(id, 'command')],
      tags: [toTag('command')],
      security: SECURITY,
      reply: { channel: toChannel(id), messages: [toMessage(id, 'success'), toMessage(id, 'refusal')] },
    },
  };
}

function describeMessage(name: string, schema: z.ZodType, book: SchemaBook): Described {
  const id = idOf(name);
  return {
    channel: { address: name, messages: { event: { name, payload: book.output(schema) } } },
    operation: {
      action: 'send',
      channel: toChannel(id),
      messages: [toMessage(id, 'event')],
      tags: [toTag('server')],
      security: SECURITY,
    },
  };
}

function describeHandshake(book: SchemaBook): Described {
  return {
    channel: {
      description: 'The `auth` of the connection, and the `data` of a `connect_error`.',
      messages: {
        auth: { name: 'auth', payload: book.input(handshake) },
        refusal: { name: 'connect_error', payload: book.output(connectRefusal) },
      },
    },
    operation: {
      action: 'receive',
      channel: toChannel(HANDSHAKE),
      messages: [toMessage(HANDSHAKE, 'auth')],
      tags: [toTag('connection')],
      security: SECURITY,
      reply: { channel: toChannel(HANDSHAKE), messages: [toMessage(HANDSHAKE, 'refusal')] },
    },
  };
}

const object = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
