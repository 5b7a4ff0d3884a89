import type { AccessTokens } from '../../auth/sessions/access-tokens.js';
import type { Principals } from '../../auth/sessions/principals.js';
import {
  ChatError,
  type ConnectErrorCode,
  type ConnectRefusal,
  handshake,
  OLDEST_PROTOCOL,
  PROTOCOL_VERSION,
  type Role,
} from '../../protocol/index.js';
import type { ChatSocket, SocketSession } from './chat-socket.js';

/** The reason for a refused handshake; Socket.IO sends `data` to the client. */
export class ConnectError extends Error {
  readonly data: ConnectRefusal;

  constructor(code: ConnectErrorCode, message: string, more: Omit<ConnectRefusal, 'code'> = {}) {
    super(message);
    this.data = { code, ...more };
  }
}

/** A page of another version whose protocol this server does not speak. It can tell which of the two is older. */
class ProtocolRefused extends ConnectError {
  constructor(protocol: number) {
    const message =
      protocol > PROTOCOL_VERSION
        ? 'This server is older than the page: connect again when it is upgraded.'
        : 'The page is too old for this server: reload it.';
    super('upgrade_required', message, { protocol: { oldest: OLDEST_PROTOCOL, newest: PROTOCOL_VERSION } });
  }
}

/**
 * Authenticates a connecting socket by its token.
 * @throws ConnectError `unauthenticated` or `upgrade_required`
 */
export async function authenticate(
  socket: ChatSocket,
  tokens: AccessTokens,
  principals: Principals,
): Promise<{ readonly session: SocketSession; readonly role: Role }> {
  const parsed = handshake.safeParse(socket.handshake.auth);
  if (!parsed.success) throw new ConnectError('unauthenticated', 'Connect with {token, protocol}.');
  const { protocol } = parsed.data;
  if (!(protocol >= OLDEST_PROTOCOL && protocol <= PROTOCOL_VERSION)) throw new ProtocolRefused(protocol);
  try {
    const session = tokens.verify(parsed.data.token);
    const { role } = await principals.load(session.userId, session.sessionId);
    return { session, role };
  } catch (error) {
    if (error instanceof ChatError && error.code === 'unauthenticated') {
      throw new ConnectError('unauthenticated', error.message);
    }
    throw error;
  }
}
