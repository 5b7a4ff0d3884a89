import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';

const LoginCodeSchema = defineEntity({
  name: 'LoginCode',
  tableName: 'login_codes',
  properties: {
    /** SHA-256 of the code, base64url. */
    codeHash: p.string().length(43).primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    /** base64url(SHA-256(verifier)); the verifier never left the page that started the sign-in. */
    challenge: p.string().length(43),
    expiresAt: p.bigint('number').index(),
    /** The session that the code has opened: it was used. */
    sessionId: p.uuid().nullable(),
  },
});

/** Carries a finished sign-in from the provider's redirect to the page; good once, for a minute; a used one is kept for a day. */
export class LoginCode extends LoginCodeSchema.class {}
LoginCodeSchema.setClass(LoginCode);
