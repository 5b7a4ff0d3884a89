import { type MiddlewareConsumer, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { ThrottlerModule } from '@nestjs/throttler';
import type { NextFunction, Request, Response } from 'express';
import { UsersModule } from '../users/users.module.js';
import { UsersService } from '../users/users.service.js';
import { AccessTokens } from './sessions/access-tokens.js';
import { Arrivals } from './sign-in/arrivals.js';
import { AuthController } from './auth.controller.js';
import { AuthCookies } from './sessions/auth-cookies.js';
import { ExpiredRowsSweep } from './expired-rows.sweep.js';
import { GoogleStrategy, PROVIDER_DEADLINE_MS } from './sign-in/google.strategy.js';
import { LoginCodes } from './sign-in/login-codes.js';
import { LoginCookie } from './sign-in/login-cookie.js';
import { LoginStateStore } from './sign-in/login-state.store.js';
import { Principals } from './sessions/principals.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { RolesGuard } from './sessions/roles.guard.js';
import { SessionVersions } from './sessions/session-versions.js';
import { Sessions } from './sessions/sessions.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SignIn } from './sign-in/sign-in.js';
import { signInLimits } from './limits/sign-in-limits.js';
import { UsedStates } from './sign-in/used-states.js';

@Module({
  imports: [UsersModule, PassportModule, ThrottlerModule.forRootAsync({ useFactory: signInLimits })],
  controllers: [AuthController, SessionsController],
  providers: [
    AccessTokens,
    Arrivals,
    AuthCookies,
    ExpiredRowsSweep,
    GoogleStrategy,
    LoginCodes,
    LoginCookie,
    LoginStateStore,
    Principals,
    { provide: PROVIDER_DEADLINE_MS, useValue: 10_000 },
    RefreshTokens,
    RolesGuard,
    Sessions,
    SessionVersions,
    SignIn,
    UsedStates,
  ],
  exports: [AccessTokens, Principals, RolesGuard, Sessions, SessionVersions],
})
export class AuthModule implements NestModule, OnModuleInit {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: Sessions,
  ) {}

  onModuleInit(): void {
    this.users.onDisabled((transaction, userId) => this.sessions.endAll(transaction, userId));
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(keepOutOfCaches).forRoutes(AuthController, SessionsController);
  }
}

/** A middleware instead of an interceptor, so that it also applies to redirects and refusals by guards. */
function keepOutOfCaches(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}
