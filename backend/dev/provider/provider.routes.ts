import type { Express, Request, RequestHandler, Response } from 'express';
import { createRequire } from 'node:module';
import { errors, type Provider } from 'oidc-provider';
import { BodyTooLargeError, readBody } from '../../testing/request-body.js';
import { type Account, type Choice, OFFERED_ACCOUNTS, subjectOf, typeAccount } from './accounts.js';
import { type LocalConfig, makeLocalProvider } from './local-provider.js';
import { PAGE_STYLE } from './page.style.js';
import { drawPicture } from './picture.js';
import { accountPage, CONTENT_SECURITY_POLICY, messagePage } from './pages.js';

const MAX_FORM_BYTES = 4096;

/** Mounts the provider and its account page. */
export async function mountProvider(app: Express, config: LocalConfig, path: string): Promise<void> {
  const accounts = new Map<string, Account>();
  const provider = await makeLocalProvider(config, path, accounts);
  const routes = new AccountRoutes(provider, accounts, path, config.adminEmails);
  app.get(`${path}/interaction/:uid`, (request, response) => routes.show(request, response));
  app.post(`${path}/interaction/:uid`, (request, response) => routes.choose(request, response));
  app.post(`${path}/interaction/:uid/cancel`, (request, response) => routes.cancel(request, response));
  const font = createRequire(import.meta.url).resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2');
  app.get(`${path}/page.css`, (_request, response) => void response.type('css').send(PAGE_STYLE));
  app.get(`${path}/inter.woff2`, (_request, response) => response.sendFile(font, { maxAge: '1d' }));
  app.get(`${path}/pictures/:subject.png`, (request, response) => {
    response.type('png').send(drawPicture(request.params.subject));
  });
  app.use(path, forgetSession(provider), provider.callback());
}

/** No session is kept: each sign-in asks for the account, whatever other tabs have chosen meanwhile. */
function forgetSession(provider: Provider): RequestHandler {
  const session = provider.cookieName('session');
  return (request, _response, next) => {
    const cookies = request.headers.cookie?.split('; ').filter((cookie) => !cookie.startsWith(session));
    if (cookies) request.headers.cookie = cookies.join('; ');
    next();
  };
}

class AccountRoutes {
  constructor(
    private readonly provider: Provider,
    private readonly accounts: Map<string, Account>,
    private readonly path: string,
    private readonly admins: ReadonlySet<string>,
  ) {}

  show(request: Request, response: Response): Promise<void> {
    return this.answer(response, async () => {
      const { uid } = await this.provider.interactionDetails(request, response);
      send(
        response,
        200,
        accountPage({ style: this.style, admins: this.admins, action: `${this.path}/interaction/${uid}` }),
      );
    });
  }

  choose(request: Request, response: Response): Promise<void> {
    return this.answer(response, async () => {
      const { uid } = await this.provider.interactionDetails(request, response);
      const form = new URLSearchParams(await readBody(request, MAX_FORM_BYTES));
      const typed = { email: form.get('email') ?? '', name: form.get('name') ?? '' };
      const choice = chosen(form.get('account'), typed);
      if ('problem' in choice) {
        const action = `${this.path}/interaction/${uid}`;
        return send(
          response,
          422,
          accountPage({ action, style: this.style, admins: this.admins, typed, problem: choice.problem }),
        );
      }
      const accountId = subjectOf(choice.account.email);
      this.accounts.set(accountId, choice.account);
      const answered = { login: { accountId }, select_account: {} };
      await this.provider.interactionFinished(request, response, answered);
    });
  }

  cancel(request: Request, response: Response): Promise<void> {
    return this.answer(response, () =>
      this.provider.interactionFinished(request, response, {
        error: 'access_denied',
        error_description: 'no account was chosen',
      }),
    );
  }

  private get style(): string {
    return `${this.path}/page.css`;
  }

  private async answer(response: Response, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof errors.SessionNotFound) {
        const advice =
          'It is finished already, was begun too long ago, or in another browser. Go back to Lockstep to go on.';
        return send(response, 400, messagePage(this.style, 'This sign-in is over', advice));
      }
      if (error instanceof BodyTooLargeError) {
        return send(response, 413, messagePage(this.style, 'That is too much', 'The form was longer than it can be.'));
      }
      throw error;
    }
  }
}

function chosen(offered: string | null, typed: { email: string; name: string }): Choice {
  if (offered === null) return typeAccount(typed);
  const account = OFFERED_ACCOUNTS.find(({ email }) => email === offered);
  return account ? { account } : { problem: 'That account is not offered.' };
}

function send(response: Response, status: number, page: string): void {
  response
    .status(status)
    .set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
    })
    .type('html')
    .send(page);
}
