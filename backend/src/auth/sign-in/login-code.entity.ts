import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';

const LoginCodeSchema = defineEntity({
  name: 'LoginCode',
  tableName: 'login_codes',
  properties: {
    /** SHA-256 of the code, base64url. */
    codeHash: p.string().length(43).primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    /** base64url(SHA-256(verifier)); the verifier stays in the page that started the sign-in. */
    challenge: p.string().length(43),
    expiresAt: p.bigint('number').index(),
    /** The session that was opened with the code; `null` until the code is used. */
    sessionId: p.uuid().nullable(),
    /** For the session that the code opens, see `Session`. */
    issuer: p.string().length(500).nullable(),
    providerSession: p.string().length(255).nullable(),
    idToken: p.text().nullable(),
    providerTokens: p.text().nullable(),
  },
});

/**
 * A one-time code that passes a finished sign-in to the page. It is valid for a minute; used codes are kept for a day.
 */
export class LoginCode extends LoginCodeSchema.class {}
LoginCodeSchema.setClass(LoginCode);
