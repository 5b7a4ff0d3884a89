/** Variables whose whole value is a secret, or contains some. Also matches the keys of providers' packages. */
const SECRET_NAME = /(KEY|SECRET|SECRET_PREVIOUS|TOKEN|PASSWORD|PASSWD|CREDENTIALS|HEADERS)$|^SIGN_IN_PROVIDERS$/i;
/** Shorter texts appear in words by chance. */
const LEAST = 4;
export const MASK = '***';

/** Whether the value of a variable must not be shown. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** The value of a variable for display: secrets, and passwords in addresses, are replaced. */
export function maskedValue(name: string, value: string): string {
  if (isSecretName(name)) return MASK;
  return passwordsIn(value).reduce((text, password) => text.replaceAll(password, MASK), value);
}

/** The secrets in an environment, also as parts of values. */
export function secretsIn(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).flatMap(([name, value]) => [
    ...(isSecretName(name) ? [value, ...quotedSecrets(value)] : []),
    ...passwordsIn(value),
  ]);
}

/** Removes secrets from texts: sentences of other programs may quote what they were sent. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  // The longest first, because one may be a part of another.
  const all = [...new Set(secrets)].filter(({ length }) => length >= LEAST).sort((a, b) => b.length - a.length);
  return (text) => all.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}

/** The password of an address, as it is written and as it is sent. */
function passwordsIn(value: string): string[] {
  const url = value.includes('://') ? URL.parse(value.trim()) : null;
  if (!url) return value.includes('://') ? unparsedPasswords(value) : [];
  const given = [url.password, url.searchParams.get('password') ?? ''].filter((password) => password !== '');
  return given.flatMap((password) => [password, decoded(password), ...unparsedPasswords(value)]);
}

/** Also of an address that cannot be parsed, because of a sign in its password. */
const unparsedPasswords = (value: string): string[] =>
  Array.from(value.matchAll(/:\/\/[^:/?#\s]*:(\S+)@/g), ([, password]) => password ?? '').filter(Boolean);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** The values of `clientSecret` in a JSON list of providers. */
const quotedSecrets = (json: string): string[] =>
  Array.from(json.matchAll(/"clientSecret"\s*:\s*"((?:[^"\\]|\\.)+)"/g), ([, secret]) => secret ?? '');
