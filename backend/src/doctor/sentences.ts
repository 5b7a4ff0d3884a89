import type { Finding, FindingId } from '../protocol/http/index.js';

/**
 * The sentence of each finding in English: what was found, and for problems what to do. The page has the same in
 * `frontend/messages/admin`, as `check_<id>`; a test compares them.
 */
export const SENTENCES: Readonly<Record<FindingId, string>> = {
  config_ok: 'All values are valid. Variables that are set: {count}.',
  config_invalid: '{variable}: {reason}. Correct it, and start the server again.',
  config_misspelled:
    '{variable} is not a setting of Lockstep and has no effect. Rename it to {meant}, if you mean that.',
  config_unknown: '{variable} in .env is not a setting of Lockstep and has no effect.',
  config_former: '{variable} is now {name}. Rename it: a later version will ignore the former name.',
  config_overridden:
    '{variable} has another value in .env than in the environment, which takes precedence. After a change of .env, restart the server.',
  secret_unusable: '{reason}',
  node_ok: 'This is Node {version}.',
  node_other: 'This is Node {version}. It works, but Lockstep is tested with Node 24.',
  server_running: 'The server answers at {address}.',
  server_stopped: 'No server runs at {address}: the port is free.',
  server_foreign:
    'At {address} a Lockstep answers that has another APP_SECRET than this configuration. Stop it, choose another PORT, or restart it with this configuration.',
  server_differs:
    'A server at {address} runs with another {variables} than this configuration. Restart it, and give all processes the same configuration.',
  port_unusable: '{reason}',
  memory_ok: '{memory} MB of memory are available, of which the JavaScript heap may use {heap} MB.',
  memory_low: 'Only {memory} MB of memory are available. Raise the limit of the container or machine to {needed} MB.',
  memory_heap:
    'The JavaScript heap may use {heap} MB, but the limit of the container is {memory} MB, so the system may kill the server without a message. Lower --max-old-space-size, or raise the limit.',
  files_ok: 'The process may open {limit} files and connections.',
  files_low:
    'The process may open only {limit} files and connections, and each open tab needs one. Raise the limit to {needed} or more: by ulimit -n, by LimitNOFILE= in systemd, or by ulimits in Docker Compose.',
  clock_ok: 'The clock agrees with that of {source}.',
  clock_wrong:
    'The clock of this machine differs from that of {source} by {seconds} s. Sign-ins fail if it is wrong: set it, and turn on time synchronisation (NTP).',
  disk_ok: '{free} MB are free at {path}.',
  disk_low: 'Only {free} MB are free at {path}. Free some space: on a full disk, messages cannot be stored.',
  folder_unusable:
    'DATA_DIR: {path} cannot be used: {reason}. Name a folder that this user may write to, or repair this one.',
  backup_recent: 'The last backup was made {days} days ago: {file}.',
  backup_old:
    'The last backup in {path} is {days} days old. Make one with `npm run db:backup`, or set BACKUP_EVERY=1d.',
  backup_none:
    'There is no backup in {path}. Make one with `npm run db:backup`, or set BACKUP_EVERY=1d, unless you back up in another way.',
  database_ok: '{kind} {version} answers. Encoding {encoding}, {size} MB, {events} events in the log.',
  database_new: 'There is no database at {path} yet. The server creates it at its first start.',
  database_unusable: '{reason}',
  database_encoding:
    'The database has the encoding {encoding}, and Lockstep needs UTF8. Create another one by createdb --encoding=UTF8 --template=template0, and restore a backup into it.',
  migrations_ok: 'The tables are up to date, with {count} migrations.',
  migrations_pending:
    'Pending migrations: {count}. The server carries them out when it starts, and so does `npm run db:migrate`.',
  migrations_newer:
    'A newer version of Lockstep has changed the database ({names}). Start that version again, or restore an older backup with `npm run db:restore FILE`.',
  notifications_ok: 'Notifications of PostgreSQL arrive, so processes tell each other of new events.',
  notifications_lost:
    '{variable}: notifications of PostgreSQL do not arrive. A pooler that shares connections between transactions, such as PgBouncer with pool_mode = transaction, delivers none. Name PostgreSQL itself in LISTEN_DATABASE_URL, use Redis (REDIS_URL), or set LISTEN_NOTIFY=off.',
  redis_ok: 'Redis {version} answers at {host}.',
  redis_old:
    'Redis at {host} has the version {version}, and Lockstep needs 7 or newer. Upgrade it, or remove REDIS_URL.',
  redis_unusable:
    'REDIS_URL: Redis at {host} cannot be used ({reason}). Start it, or correct REDIS_URL. Until then, events of other processes arrive late.',
  model_ok: '{model} at {host} answers, after {ms} ms.',
  model_local: 'The local model is used, which is a part of the server.',
  model_key: '{host} does not accept the key for {model}. Correct {variable}.',
  model_unknown: '{host} does not know {model} ({reason}). Correct OPENAI_MODELS, or the path of OPENAI_BASE_URL.',
  model_quota: 'The account at {host} has no credit for {model}. Check its billing page.',
  model_busy: '{host} asks to slow down for {model}. Try again later, or raise the limit of the account.',
  model_unreachable:
    '{model}: {host} cannot be reached ({reason}). Is the address right (OPENAI_BASE_URL), does the server run, and does a firewall let requests through?',
  model_tls:
    '{model}: the certificate of {host} is not accepted ({reason}). Renew it, or name the certificate authority by NODE_EXTRA_CA_CERTS.',
  model_late: '{model} at {host} has not answered within {seconds} s. Is it being loaded, or overloaded?',
  model_failed: '{model} at {host} does not answer as expected: {reason}.',
  sign_in_ok: '{provider} answers. The redirect address to register there is {redirect}',
  sign_in_local:
    'The local provider is used: everyone who reaches it can sign in as anyone. It is for trying Lockstep.',
  sign_in_unreachable:
    '{provider}: {url} cannot be reached ({reason}). Is the address right, does the provider run, and does a firewall let requests through?',
  sign_in_issuer:
    '{provider}: the configured issuer is {expected}, but the provider calls itself {found}. Set issuer to exactly that.',
  sign_in_metadata: '{provider}: {url} has no valid discovery document ({reason}). Correct issuer.',
  sign_in_client:
    '{provider} refuses the client ({reason}). Correct the client id and secret, and register the redirect address {redirect}',
  address_ok: '{url} leads to this server.',
  address_unchecked: '{url} could not be checked, because no server runs. Start it, and run this check again.',
  address_unreachable:
    'PUBLIC_URL: {url} cannot be reached from this machine ({reason}). Is the name right, and does the proxy run?',
  address_tls:
    'PUBLIC_URL: the certificate of {url} is not accepted ({reason}). Browsers refuse it too: renew it, or configure the proxy with the right one.',
  address_elsewhere:
    'PUBLIC_URL: {url} does not lead to this server ({reason}). Correct PUBLIC_URL, or the target of the proxy.',
  certificate_ends: 'The certificate of {url} ends in {days} days. Renew it.',
  web_socket_ok: 'WebSockets pass at {url}.',
  web_socket_blocked:
    'WebSockets do not pass at {url} ({reason}), so pages get no live updates. Let the proxy pass on the headers Upgrade and Connection: docs/proxies has examples.',
  origin_refused:
    'The server refuses WebSockets of pages at {url}. Let the proxy pass on the header Origin unchanged, and set PUBLIC_URL to the address in the browser.',
  client_address_ok: 'The server sees the addresses of clients. That of this machine is {address}.',
  client_address_hidden:
    'The server sees all clients under the address of the proxy, {address}, which is not trusted. Add {address} to TRUSTED_PROXIES: otherwise all people share one rate limit.',
  client_address_missing:
    'The proxy at {url} does not send X-Forwarded-For, so the server sees all clients under the address {address}. Let the proxy set that header: docs/proxies has examples.',
  check_late: 'This check was not finished within {seconds} s.',
  check_failed: 'This check failed unexpectedly: {reason}.',
};

/** The sentence of a finding, with its values. */
export const sentenceOf = ({ id, params }: Pick<Finding, 'id' | 'params'>): string =>
  SENTENCES[id].replaceAll(/\{(\w+)\}/g, (_place, name: string) => String(params[name] ?? ''));
