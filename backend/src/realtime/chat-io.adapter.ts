import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import type { Config } from '../config/config.js';

/** Socket.IO as this server wants it. */
export class ChatIoAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly config: Config,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const own: Partial<ServerOptions> = {
      ...options,
      path: '/socket.io',
      serveClient: false,
      // Long polling would need every request of a socket to reach the same process.
      transports: ['websocket'],
      // Compressing small frames costs more than the bytes it saves.
      perMessageDeflate: false,
      maxHttpBufferSize: this.config.limits.frameBytes,
      connectTimeout: 10_000,
      allowRequest: (request, decide) => decide(null, this.isOwnOrigin(request)),
    };
    return super.createIOServer(port, own as ServerOptions);
  }

  /** CORS does not keep a foreign page from opening a WebSocket. No origin at all: no browser; the token decides. */
  private isOwnOrigin({ headers }: IncomingMessage): boolean {
    return headers.origin === undefined || headers.origin === this.config.publicUrl;
  }
}
