import type { AccessTokens } from '../../auth/sessions/access-tokens.js';
import type { Principals } from '../../auth/sessions/principals.js';
import { ChatError, type ConnectErrorCode, handshake, PROTOCOL_VERSION, type Role } from '../../protocol/index.js';
import type { ChatSocket, SocketSession } from './chat-socket.js';

/** The reason for a refused handshake; Socket.IO sends `data` to the client. */
export class ConnectError extends Error {
  readonly data: { readonly code: ConnectErrorCode };

  constructor(code: ConnectErrorCode, message: string) {
    super(message);
    this.data = { code };
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
  if (parsed.data.protocol !== PROTOCOL_VERSION) {
    throw new ConnectError('upgrade_required', 'The page is older or newer than the server: reload it.');
  }
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
