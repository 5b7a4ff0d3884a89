import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { ChatError } from '../../protocol/index.js';
import { Refuses } from '../../common/handlers/answers.decorator.js';
import { providerFailureOf, providerKindOf } from '../providers/provider-failure.js';
import type { VerifiedSignIn } from '../providers/sign-in-provider.js';
import { GOOGLE_ID, SignInProviders } from '../providers/sign-in-providers.js';
import type { PendingLogin } from './login-cookie.js';
import { LoginFailure } from './login-failure.js';
import { readLoginRequest } from './login-request.js';
import { PendingLogins } from './pending-logins.js';

/** An open sign-in page, or a bookmark, still has a provider that was removed from the configuration. */
const noProvider = (id: string): string =>
  `There is no sign-in provider "${id}" here any more. Open the sign-in page again, and choose another one.`;

/** A request of the callback, as the guard leaves it; passport sets the same properties. */
export type FinishedRequest = Request & {
  readonly user: VerifiedSignIn;
  readonly authInfo: { readonly state: PendingLogin };
};

/** A request that starts a sign-in; passport itself redirects those to Google. */
export type StartedRequest = Request & { readonly providerUrl: string };

/** Prepares the redirect to the provider. */
@Injectable()
@Refuses('bad_request')
export class StartLoginGuard extends AuthGuard(GOOGLE_ID) implements CanActivate {
  constructor(
    private readonly providers: SignInProviders,
    private readonly logins: PendingLogins,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    // With these parameters passport would treat the request as a callback.
    if (request.query['code'] || request.query['error'])
      throw new ChatError('bad_request', 'This is not the callback.');
    const login = readLoginRequest(request.query);
    const id = login.provider ?? this.providers.defaultId;
    if (!this.providers.isKnown(id)) throw new ChatError('bad_request', noProvider(id));
    const provider = this.providers.find(id);
    if (!provider) return (await super.canActivate(context)) === true;
    const state = this.logins.newState();
    const { url, providerVerifier, nonce } = await provider.begin(state).catch((error: unknown) => {
      throw error instanceof LoginFailure ? error.at(id) : error;
    });
    await this.logins.add(request, { ...login, provider: id, state, providerVerifier, nonce });
    Object.assign(request, { providerUrl: url.href });
    return true;
  }
}

/** Accepts a callback with valid state, code and claims; the identity is then in `request.user`. */
@Injectable()
export class FinishLoginGuard extends AuthGuard(GOOGLE_ID) implements CanActivate {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly providers: SignInProviders,
    private readonly logins: PendingLogins,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const { query, originalUrl } = request;
    // Without these parameters passport would start a new sign-in.
    if (!query['code'] && !query['error']) throw new LoginFailure('state_mismatch');
    const id = (await this.logins.find(request))?.provider ?? GOOGLE_ID;
    const provider = this.providers.find(id);
    if (!provider && id === GOOGLE_ID && this.config.google) return (await super.canActivate(context)) === true;
    const login = await this.logins.take(request);
    // Removed from the configuration while the browser was there.
    if (!provider) throw new LoginFailure('state_mismatch');
    try {
      const user = await provider.finish(new URL(originalUrl, this.config.publicUrl), login);
      Object.assign(request, { user, authInfo: { state: login } });
      return true;
    } catch (error) {
      throw error instanceof LoginFailure ? error.at(id) : error;
    }
  }

  override handleRequest<Identity>(error: unknown, identity: Identity | false, info: unknown): Identity {
    if (error instanceof LoginFailure) throw error;
    if (error) throw new LoginFailure(providerKindOf(error), { cause: providerFailureOf(error) ?? error });
    if (identity) return identity;
    throw info instanceof LoginFailure ? info : new LoginFailure('access_denied');
  }
}
