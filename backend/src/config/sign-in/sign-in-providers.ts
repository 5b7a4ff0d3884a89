import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { role, type Role } from '../../protocol/index.js';
import { isPrivateAddress } from '../local-address.js';

/** The ids of the provider that is configured by `GOOGLE_CLIENT_ID`, or is the local one. */
const RESERVED: ReadonlySet<string> = new Set(['google', 'local']);
const GITHUB = 'https://github.com';
const MAX_ICON = 20_000;

interface ProviderBase {
  /** Unique; part of addresses, so it should not be changed. */
  readonly id: string;
  /** The name on the button. */
  readonly label: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** An image as a `data:` URL. */
  readonly icon: string | undefined;
  /** Domains of e-mail addresses that are let in, in lower case; `undefined`: all. */
  readonly allowedDomains: readonly string[] | undefined;
  /** Issuers under which the identities of this provider were stored before. */
  readonly formerIssuers: readonly string[];
}

/** A provider of OpenID Connect. */
export interface OidcProviderConfig extends ProviderBase {
  readonly kind: 'oidc';
  readonly issuer: string;
  readonly scopes: readonly string[];
  /** Whether an e-mail address counts as verified if the provider does not say so. */
  readonly trustEmail: boolean;
  /** The path of the claim with groups or roles, such as `realm_access.roles`; `undefined`: admins set roles. */
  readonly rolesClaim: string | undefined;
  /** Roles by values of the claim; `undefined`: the values are roles. */
  readonly roleMap: ReadonlyMap<string, Role> | undefined;
  /** The parameter `prompt` of each sign-in, such as `consent`; `undefined`: none. */
  readonly prompt: string | undefined;
}

/** GitHub, which supports OAuth 2 but not OpenID Connect. */
export interface GithubProviderConfig extends ProviderBase {
  readonly kind: 'github';
  /** `https://github.com`, or the address of a GitHub Enterprise Server. */
  readonly issuer: string;
  readonly apiUrl: string;
}

export type SignInProviderConfig = OidcProviderConfig | GithubProviderConfig;

const address = z
  .url({ protocol: /^https?$/ })
  .refine(isPrivateAddress, 'takes https, or an address of this machine')
  .refine((text) => !/[?#]/.test(text), 'takes an address without ? and #');
const text = z.string().trim().min(1);

const base = {
  id: z
    .string()
    .regex(/^[a-z\d][a-z\d-]{0,39}$/, 'takes up to 40 of a-z, 0-9 and -')
    .refine((id) => !RESERVED.has(id), 'is taken by the provider of GOOGLE_CLIENT_ID'),
  clientId: text,
  clientSecret: text,
  icon: z
    .string()
    .max(MAX_ICON, `takes at most ${MAX_ICON} characters`)
    .regex(/^data:image\/(png|webp|svg\+xml)[;,]/, 'takes an image as a data: URL (png, webp or svg+xml)')
    .optional(),
  allowedDomains: z.array(text.toLowerCase()).min(1).optional(),
  formerIssuers: z.array(text.max(500)).default([]),
};

const oidc = z
  .strictObject({
    ...base,
    kind: z.literal('oidc').default('oidc'),
    label: text.max(60),
    issuer: address,
    scopes: z.array(text).default(['openid', 'email', 'profile']),
    trustEmail: z.boolean().default(false),
    rolesClaim: text.optional(),
    roleMap: z.record(z.string(), role).optional(),
    prompt: z
      .string()
      .regex(/^[a-z_]+( [a-z_]+)*$/, 'takes words such as consent')
      .optional(),
  })
  .refine(({ rolesClaim, roleMap }) => roleMap === undefined || rolesClaim !== undefined, {
    message: 'needs rolesClaim',
    path: ['roleMap'],
  });

const github = z.strictObject({
  ...base,
  kind: z.literal('github'),
  label: text.max(60).default('GitHub'),
  issuer: address.default(GITHUB),
  apiUrl: address.optional(),
});

const hasBeen = ({ formerIssuers }: { readonly formerIssuers: readonly string[] }, issuer: string): boolean =>
  formerIssuers.includes(issuer);

const providers = z.array(z.union([github, oidc])).superRefine((list, context) => {
  for (const [index, { id, issuer, formerIssuers }] of list.entries()) {
    const isTaken = list.slice(0, index).some((other) => other.id === id);
    if (isTaken) context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is there twice` });
    const isSame = list.slice(0, index).some((other) => other.issuer === issuer);
    // Their identities could not be told apart.
    if (isSame) context.addIssue({ code: 'custom', path: [index, 'issuer'], message: `${issuer} is there twice` });
    for (const former of formerIssuers) {
      const isOther =
        list.some((other) => other.issuer === former) || list.slice(0, index).some((other) => hasBeen(other, former));
      const message = `${former} belongs to another provider`;
      if (isOther) context.addIssue({ code: 'custom', path: [index, 'formerIssuers'], message });
    }
  }
});

/** The variables, without empty ones. */
export interface ProviderSettings {
  readonly SIGN_IN_PROVIDERS?: string | undefined;
  readonly SIGN_IN_PROVIDERS_FILE?: string | undefined;
}

/** What is configured, or a sentence for each mistake. */
export interface ReadProviders {
  readonly providers: readonly SignInProviderConfig[];
  readonly problems: readonly string[];
}

/** Reads the sign-in providers beside Google: a JSON list in a variable or in a file. */
export function readSignInProviders(settings: ProviderSettings): ReadProviders {
  const { SIGN_IN_PROVIDERS: inline, SIGN_IN_PROVIDERS_FILE: file } = settings;
  if (inline === undefined && file === undefined) return { providers: [], problems: [] };
  const name = inline === undefined ? 'SIGN_IN_PROVIDERS_FILE' : 'SIGN_IN_PROVIDERS';
  const refuse = (...reasons: string[]): ReadProviders => ({
    providers: [],
    problems: reasons.map((reason) => `${name}: ${reason}`),
  });
  if (inline !== undefined && file !== undefined)
    return refuse('is set beside SIGN_IN_PROVIDERS_FILE; set one of them');
  let json: unknown;
  try {
    json = JSON.parse(inline ?? readFileSync(file ?? '', 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('takes a JSON list such as [{"id": "team", "label": "Team", ...}]');
    return refuse(`${file ?? ''} cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  const parsed = providers.safeParse(json);
  if (!parsed.success) return refuse(...parsed.error.issues.flatMap((issue) => reasonsOf(issue, json)));
  return { providers: parsed.data.map(withDefaults), problems: [] };
}

const withDefaults = (provider: z.infer<typeof providers>[number]): SignInProviderConfig => {
  const { icon, allowedDomains } = provider;
  if (provider.kind === 'github') {
    const apiUrl = provider.issuer === GITHUB ? 'https://api.github.com' : `${provider.issuer}/api/v3`;
    return { ...provider, icon, allowedDomains, apiUrl: provider.apiUrl ?? apiUrl };
  }
  const { rolesClaim, roleMap, scopes, prompt } = provider;
  return {
    ...provider,
    icon,
    allowedDomains,
    scopes: scopes.includes('openid') ? scopes : ['openid', ...scopes],
    rolesClaim,
    prompt,
    roleMap: roleMap && new Map(Object.entries(roleMap)),
  };
};

/** `[1].issuer: ...`, from the branch of the union that the entry means. */
function reasonsOf(issue: z.core.$ZodIssue, json: unknown): string[] {
  const [index] = issue.path;
  if (issue.code !== 'invalid_union' || typeof index !== 'number') return [`${pathOf(issue.path)}${issue.message}`];
  const entry: unknown = Array.isArray(json) ? json[index] : undefined;
  const isGithub = z.object({ kind: z.literal('github') }).safeParse(entry).success;
  const branch = issue.errors[isGithub ? 0 : 1] ?? [];
  return branch.map(({ path, message }) => `${pathOf([index, ...path])}${message}`);
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? ''
    : `${path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')}: `;
