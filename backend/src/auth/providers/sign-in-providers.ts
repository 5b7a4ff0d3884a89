import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { providerLabel } from '../../config/sign-in/provider-label.js';
import type { SignInProviderConfig } from '../../config/sign-in/sign-in-providers.js';
import type { OfferedProvider } from '../../protocol/http/index.js';
import { GithubProvider } from './github-provider.js';
import { OidcProvider, type ProviderOptions } from './oidc-provider.js';
import type { SignInProvider } from './sign-in-provider.js';

/** The injection token for the time limit of requests to a provider, in milliseconds. */
export const PROVIDER_DEADLINE_MS = Symbol('provider deadline');

/** The id of the provider that passport signs in with: Google, or the local one. */
export const GOOGLE_ID = 'google';

/** How often a provider that could not be used is tried again. */
const TRY_AGAIN_MS = 30_000;

/** Every provider that people can sign in with. */
@Injectable()
export class SignInProviders implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly others: readonly SignInProvider[];
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(PROVIDER_DEADLINE_MS) deadlineMs: number,
  ) {
    const options = { redirectUri: redirectUri(config), deadlineMs };
    this.others = config.providers.map((provider) => makeProvider(provider, options));
  }

  /** In the background: a provider that is down must not keep the server from starting. */
  onApplicationBootstrap(): void {
    for (const provider of this.others) void provider.prepare();
    this.timer = setInterval(() => {
      for (const provider of this.others) if (!provider.isAvailable) void provider.prepare();
    }, TRY_AGAIN_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** The providers in the order of their buttons. */
  offered(): OfferedProvider[] {
    const { google, providers } = this.config;
    const first = google ? [{ id: GOOGLE_ID, label: providerLabel(google), icon: null, available: true }] : [];
    const others = providers.map(({ id, label, icon }) => ({
      id,
      label,
      icon: icon ?? null,
      available: this.find(id)?.isAvailable ?? false,
    }));
    return [...first, ...others];
  }

  /** The name of an issuer, or the issuer itself if it is not configured any more. */
  labelOf(issuer: string): string {
    const { google, providers } = this.config;
    if (google?.issuer === issuer) return providerLabel(google);
    return providers.find((provider) => provider.issuer === issuer)?.label ?? issuer;
  }

  /** The provider of a request that names none. */
  get defaultId(): string {
    return this.config.google ? GOOGLE_ID : (this.config.providers[0]?.id ?? GOOGLE_ID);
  }

  /** Whether some provider sets roles by its claims. */
  get setRoles(): boolean {
    return this.others.some((provider) => provider instanceof OidcProvider && provider.setsRoles);
  }

  isKnown(id: string): boolean {
    return (id === GOOGLE_ID && this.config.google !== undefined) || this.find(id) !== undefined;
  }

  /** A provider other than that of passport, by its issuer. */
  ofIssuer(issuer: string): SignInProvider | undefined {
    return this.others.find((provider) => provider.issuer === issuer);
  }

  /** A provider other than that of passport. */
  find(id: string): SignInProvider | undefined {
    return this.others.find((provider) => provider.id === id);
  }
}

/** Registered with every provider. */
export const redirectUri = ({ publicUrl }: Config): string => `${publicUrl}/api/auth/callback`;

const makeProvider = (config: SignInProviderConfig, options: ProviderOptions): SignInProvider =>
  config.kind === 'github' ? new GithubProvider(config, options) : new OidcProvider(config, options);
