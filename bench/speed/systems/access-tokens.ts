/** The part of the built server that signs tokens; it is compiled with other options than this file. */
export interface AccessTokens {
  issue(user: { readonly id: string }, sessionId: string): string;
}
interface Program {
  readonly AccessTokens: new (config: object, clock: object) => AccessTokens;
  readonly Clock: new () => object;
  readonly readConfig: (env: Readonly<Record<string, string>>) => object;
}

/** Signs tokens that a server with this environment accepts. */
export async function loadAccessTokens(env: Readonly<Record<string, string>>): Promise<AccessTokens> {
  const [tokens, config, clock] = await Promise.all(
    ['auth/sessions/access-tokens', 'config/read-config', 'database/clock'].map(
      (path) => import(new URL(`../../../dist/src/${path}.js`, import.meta.url).href) as Promise<object>,
    ),
  );
  const program = { ...tokens, ...config, ...clock } as Program;
  return new program.AccessTokens(program.readConfig(env), new program.Clock());
}
