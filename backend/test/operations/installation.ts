import type { ChatAnswer } from '../../src/protocol/http/index.js';
import type { TokenGrant } from '../../src/protocol/index.js';
import type { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { pkce, person } from '../auth/auth-server.js';
import { Browser } from '../auth/browser.js';
import { ServerBuild } from '../faults/stage/server-build.js';
import { ServerProcess } from '../faults/stage/server-process.js';
import { runScript, type ScriptEnded } from './run-script.js';

/** A browser that is signed in. */
export interface Visitor {
  readonly browser: Browser;
  token: string;
}

/** The built server as an operator runs it: a process with settings, and the programs of the command line. */
export class Installation implements AsyncDisposable {
  private readonly build = ServerBuild.copy();
  private process: ServerProcess | undefined;

  /** @param env the settings; undefined ones are not set */
  constructor(
    private readonly port: number,
    private env: Readonly<Record<string, string | undefined>>,
  ) {}

  get server(): ServerProcess {
    if (!this.process) throw new Error('The server does not run');
    return this.process;
  }

  /** Changes settings; `undefined` unsets one. */
  set(changes: Readonly<Record<string, string | undefined>>): void {
    this.env = { ...this.env, ...changes };
  }

  /** Starts the server without waiting for it. */
  spawn(): ServerProcess {
    this.process = ServerProcess.spawn(this.build, this.port, this.settings);
    return this.process;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.spawn().ready();
  }

  async stop(): Promise<void> {
    await this.process?.end('SIGTERM');
  }

  /** Runs a program of the command line, by its path within `dist/src`. */
  run(script: string, ...args: string[]): Promise<ScriptEnded> {
    return runScript(this.build.script(script), args, { env: this.settings, cwd: this.build.cwd });
  }

  fetch(path: string, token?: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    return fetch(`${this.url}${path}`, { ...init, headers: { ...headers, 'content-type': 'application/json' } });
  }

  /** Signs in at a provider of `SIGN_IN_PROVIDERS`. */
  async signIn(provider: OpenIdProvider, id: string, name: string): Promise<Visitor> {
    const browser = new Browser(this.url);
    const { verifier, challenge } = pkce();
    const query = new URLSearchParams({ challenge, return: '/', provider: id });
    const started = await browser.get(`/api/auth/login?${query.toString()}`);
    const answer = await provider.authorize(started.headers.get('location') ?? '', person(name));
    const arrived = await browser.get(`/api/auth/callback?${new URLSearchParams(answer).toString()}`);
    const page = new URL(arrived.headers.get('location') ?? '', this.url);
    const code = new URLSearchParams(page.hash.slice(1)).get('code');
    return {
      browser,
      token: (await grantOf(await browser.post('/api/auth/exchange', { code, verifier }))).accessToken,
    };
  }

  /** Refreshes the token, as an open page does. */
  async refresh(visitor: Visitor): Promise<TokenGrant> {
    const grant = await grantOf(await visitor.browser.post('/api/auth/refresh'));
    visitor.token = grant.accessToken;
    return grant;
  }

  /** Asks the model. @returns the status, and the answer or the problem */
  async ask({ token }: Visitor, message: string): Promise<{ status: number; body: Partial<ChatAnswer> }> {
    const response = await this.fetch('/api/chat', token, { method: 'POST', body: JSON.stringify({ message }) });
    return { status: response.status, body: (await response.json()) as Partial<ChatAnswer> };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process?.end();
    this.build[Symbol.dispose]();
  }

  private get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private get settings(): Record<string, string> {
    const set = Object.entries({ PORT: String(this.port), PUBLIC_URL: this.url, ...this.env });
    return Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }
}

async function grantOf(response: Response): Promise<TokenGrant> {
  if (response.status !== 200) throw new Error(`No tokens: ${response.status} ${await response.text()}`);
  return (await response.json()) as TokenGrant;
}
