export interface LoginFailure {
  readonly title: string;
  readonly sentence: string;
  /** What the button says that leads on. */
  readonly way: string;
}

const FAILURES: Readonly<Record<string, LoginFailure>> = {
  access_denied: {
    title: 'You were not signed in',
    sentence: 'You closed the window of your provider or declined there. Nothing was shared.',
    way: 'Sign in after all',
  },
  state_mismatch: {
    title: 'This sign-in could not be confirmed',
    sentence: 'It was started in another browser, or an old page of the provider was used. Start again from here.',
    way: 'Start again',
  },
  email_unverified: {
    title: 'Your e-mail address is not verified',
    sentence: 'Verify it with Google first, then come back.',
    way: 'Try again',
  },
  wrong_domain: {
    title: 'This account is from elsewhere',
    sentence: 'Only accounts of the organisation that runs this site may sign in. Choose your work account.',
    way: 'Use another account',
  },
  account_disabled: {
    title: 'Your account is disabled',
    sentence: 'An admin has closed it. Ask them if you think that this is a mistake.',
    way: 'Use another account',
  },
  provider_error: {
    title: 'Google did not answer as it should',
    sentence: 'This is usually over in a minute.',
    way: 'Try again',
  },
  expired: {
    title: 'This sign-in took too long',
    sentence: 'Its code is used up or too old, or it was begun in another tab. Start again from here.',
    way: 'Start again',
  },
};

const UNKNOWN: LoginFailure = {
  title: 'Signing in did not work',
  sentence: 'Something went wrong on the way. Try again; if it stays so, tell your admin the code below.',
  way: 'Try again',
};

/** What to tell somebody who comes back without being signed in. */
export const loginFailure = (code: string): LoginFailure =>
  (Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined) ?? UNKNOWN;
