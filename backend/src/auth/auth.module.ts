import { type MiddlewareConsumer, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import type { NextFunction, Request, Response } from 'express';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { AccessTokens } from './sessions/access-tokens.js';
import { Arrivals } from './sign-in/arrivals.js';
import { AuthController } from './auth.controller.js';
import { AuthCookies } from './sessions/auth-cookies.js';
import { EntryGuard } from './sessions/entry.guard.js';
import { ExpiredRowsSweep, type Swept, SWEPT } from './expired-rows.sweep.js';
import { AdoptHosts } from './providers/adopt-hosts.js';
import { AdoptIssuers } from './identities/adopt-issuers.js';
import { BackChannelController } from './sign-out/back-channel.controller.js';
import { BackChannelLogout } from './sign-out/back-channel-logout.js';
import { GoogleStrategy } from './providers/google.strategy.js';
import { IdentitiesController } from './identities/identities.controller.js';
import { IdentityLinks } from './identities/identity-links.js';
import { IdTokens } from './sign-out/id-tokens.js';
import { LinkCodes } from './sign-in/link-codes.js';
import { LinkedIdentities } from './identities/linked-identities.js';
import { LoginCodes } from './sign-in/login-codes.js';
import { LoginCookie } from './sign-in/login-cookie.js';
import { LoginStateStore } from './providers/login-state.store.js';
import { LogoutTokens } from './sign-out/logout-tokens.js';
import { PendingLogins } from './sign-in/pending-logins.js';
import { Principals } from './sessions/principals.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { RolesGuard } from './sessions/roles.guard.js';
import { SessionVersions } from './sessions/session-versions.js';
import { Sessions } from './sessions/sessions.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SignIn } from './sign-in/sign-in.js';
import { ProviderRoles } from './roles/provider-roles.js';
import { TokenVault } from './roles/held-tokens.js';
import { PROVIDER_DEADLINE_MS, redirectUri, SignInProviders } from './providers/sign-in-providers.js';
import { SecretRotation } from './secrets/secret-rotation.js';
import { SignOut } from './sign-out/sign-out.js';
import { SignOutController } from './sign-out/sign-out.controller.js';
import { UsedStates } from './sign-in/used-states.js';
import { OldRecords } from './old-records.js';
import { PeopleController } from './people/people.controller.js';
import { PeopleService } from './people/people.service.js';
import { PersonalTokens } from './tokens/personal-tokens.js';
import { TokenPrincipals } from './tokens/token-principals.js';
import { TokensController } from './tokens/tokens.controller.js';

@Module({
  imports: [LimitsModule, UsersModule, PassportModule],
  controllers: [
    AuthController,
    SessionsController,
    IdentitiesController,
    SignOutController,
    BackChannelController,
    TokensController,
    PeopleController,
  ],
  providers: [
    AccessTokens,
    AdoptHosts,
    AdoptIssuers,
    Arrivals,
    AuthCookies,
    BackChannelLogout,
    EntryGuard,
    ExpiredRowsSweep,
    { provide: SWEPT, useFactory: listOf, inject: [LoginCodes, UsedStates, Sessions, PersonalTokens, OldRecords] },
    { provide: GoogleStrategy, useFactory: googleStrategy, inject: [CONFIG, PROVIDER_DEADLINE_MS, LoginStateStore] },
    IdentityLinks,
    IdTokens,
    LinkCodes,
    LinkedIdentities,
    LoginCodes,
    LoginCookie,
    LoginStateStore,
    LogoutTokens,
    OldRecords,
    PendingLogins,
    PeopleService,
    PersonalTokens,
    Principals,
    { provide: PROVIDER_DEADLINE_MS, useValue: 10_000 },
    ProviderRoles,
    RefreshTokens,
    RolesGuard,
    SecretRotation,
    Sessions,
    SessionVersions,
    SignIn,
    SignInProviders,
    SignOut,
    TokenPrincipals,
    TokenVault,
    UsedStates,
  ],
  exports: [
    AccessTokens,
    EntryGuard,
    Principals,
    RolesGuard,
    SecretRotation,
    Sessions,
    SessionVersions,
    TokenPrincipals,
  ],
})
export class AuthModule implements NestModule, OnModuleInit {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: Sessions,
    private readonly tokens: PersonalTokens,
  ) {}

  onModuleInit(): void {
    this.users.onDisabled(async (transaction, userId) => void (await this.sessions.endAll(transaction, userId)));
    this.users.onDisabled((transaction, userId) => this.tokens.endAll(transaction, userId));
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(keepOutOfCaches)
      .forRoutes(AuthController, SessionsController, IdentitiesController, SignOutController, BackChannelController);
  }
}

/** Passport learns the strategy by its creation; without Google and the local provider there is none. */
function googleStrategy(config: Config, deadlineMs: number, store: LoginStateStore): GoogleStrategy | undefined {
  return config.google && new GoogleStrategy(config.google, redirectUri(config), deadlineMs, store);
}

/** What has rows that expire. */
function listOf(...tables: readonly Swept[]): readonly Swept[] {
  return tables;
}

/** A middleware instead of an interceptor, so that it also applies to redirects and refusals by guards. */
function keepOutOfCaches(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}
