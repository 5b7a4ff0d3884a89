import { PortableMigration } from './portable-migration.js';

/** What the provider is asked with again: sessions of earlier versions have nothing, and keep the role of their sign-in. */
export class ProviderRefresh20261127 extends PortableMigration {
  override name = '20261127-provider-refresh';

  override up(): void {
    const { bigint, text } = this.types;
    this.addColumns('sessions', [`"provider_tokens" ${text} null`, `"provider_asked_at" ${bigint} null`]);
    this.addColumns('login_codes', [`"provider_tokens" ${text} null`]);
  }

  override down(): void {
    this.dropColumns('sessions', ['provider_tokens', 'provider_asked_at']);
    this.dropColumns('login_codes', ['provider_tokens']);
  }
}
