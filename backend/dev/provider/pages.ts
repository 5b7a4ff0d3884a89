import { type Account, OFFERED_ACCOUNTS } from './accounts.js';
import { type Html, html } from './html.js';

/** Allows the pages one style sheet, no scripts, and requests to this server only. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export interface AccountPage {
  /** Address of the style sheet. */
  readonly style: string;
  /** E-mail addresses that become admins. */
  readonly admins: ReadonlySet<string>;
  /** Where the forms are sent. */
  readonly action: string;
  /** The previous input, if it was invalid. */
  readonly typed?: { readonly email: string; readonly name: string };
  readonly problem?: string;
}

const mark = html`<svg class="mark" viewBox="0 0 40 40" aria-hidden="true">
  <rect x="10" y="14" width="20" height="3.4" rx="1.7" />
  <rect x="10" y="20" width="14" height="3.4" rx="1.7" />
</svg>`;

/** Asks who is signing in. Works without JavaScript. */
export function accountPage({ style, admins, action, typed = { email: '', name: '' }, problem }: AccountPage): string {
  const trouble = problem === undefined ? html`` : html`<p class="problem" id="problem" role="alert">${problem}</p>`;
  const invalid = problem === undefined ? html`` : html`aria-invalid="true" aria-describedby="problem" autofocus`;
  return page(
    style,
    'Choose an account',
    html`${mark}
      <h1>Choose an account</h1>
      <p>to continue to Lockstep</p>
      <p class="note">
        <strong>This is the local provider, not Google.</strong> This server has no Google credentials, so nothing is
        checked here: choose any account.
      </p>
      <form method="post" action="${action}">
        <ul>
          ${OFFERED_ACCOUNTS.map((account) => offer(account, admins.has(account.email)))}
        </ul>
      </form>
      <div class="or">or another account</div>
      <form method="post" action="${action}">
        ${trouble}
        <label>
          E-mail
          <input
            name="email"
            type="email"
            required
            maxlength="254"
            autocomplete="email"
            autocapitalize="none"
            spellcheck="false"
            placeholder="mary@example.com"
            value="${typed.email}"
            ${invalid}
          />
        </label>
        <label>
          Name <small>(optional)</small>
          <input name="name" maxlength="100" autocomplete="name" placeholder="Mary Shelley" value="${typed.name}" />
        </label>
        <button class="primary">Continue</button>
      </form>
      <form method="post" action="${action}/cancel"><button class="cancel">Cancel</button></form>`,
  );
}

/** Shows the message of a sign-in that has failed. */
export function messagePage(style: string, title: string, text: string): string {
  return page(
    style,
    title,
    html`${mark}
      <h1>${title}</h1>
      <p>${text}</p>
      <p class="note">This message is from <strong>the local provider</strong>, not from Google.</p>
      <p><a href="/">Back to Lockstep</a></p>`,
  );
}

function offer({ name, email }: Account, isAdmin: boolean): Html {
  const initials = name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('');
  const badge = isAdmin ? html`<span class="badge">Admin</span>` : html``;
  return html`<li>
    <button class="account" name="account" value="${email}">
      <span class="initials" aria-hidden="true">${initials}</span>
      <span class="who"><span class="name">${name}</span><span class="email">${email}</span></span>
      ${badge}
    </button>
  </li>`;
}

function page(style: string, title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Local provider</title>
        <link rel="stylesheet" href="${style}" />
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`.text;
}
