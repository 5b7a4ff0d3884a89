import type { Certificate } from './certificate.js';

/** Where a proxy listens and the server behind it; ports of 127.0.0.1. */
export interface Endpoints {
  readonly folder: string;
  readonly plainPort: number;
  readonly tlsPort: number;
  readonly upstreamPort: number;
  readonly certificate: Certificate;
}

/** Replacements in an example for a test: each text must occur in it. */
export type Changes = readonly (readonly [from: string, to: string])[];

export interface ProxyKind {
  readonly name: string;
  readonly program: string;
  /** The path within `ops/`. */
  readonly example: string;
  changes(endpoints: Endpoints): Changes;
  /** What surrounds the example in a complete configuration file. */
  around(endpoints: Endpoints): readonly [before: string, after: string];
  args(file: string): readonly string[];
}

const LIVE = '/etc/letsencrypt/live/chat.example.org';
const isRoot = process.getuid?.() === 0;
/** The idle timeout in the example, and that in the test. */
const PATIENCE = ['60s', '1s'] as const;

const nginx: ProxyKind = {
  name: 'nginx',
  program: 'nginx',
  example: 'proxies/nginx.conf',
  changes: ({ plainPort, tlsPort, upstreamPort, certificate }) => [
    ['listen 80', `listen 127.0.0.1:${plainPort}`],
    ['listen 443', `listen 127.0.0.1:${tlsPort}`],
    ['proxy_pass http://127.0.0.1:3000', `proxy_pass http://127.0.0.1:${upstreamPort}`],
    [`${LIVE}/fullchain.pem`, certificate.certificate],
    [`${LIVE}/privkey.pem`, certificate.key],
    ['chat.example.org', '127.0.0.1'],
    PATIENCE,
  ],
  around: ({ folder }) => [
    [
      `pid ${folder}/nginx.pid;`,
      'error_log stderr;',
      'daemon off;',
      isRoot ? 'user root;' : '',
      'events {}',
      'http {',
      'access_log off;',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`),
    ].join('\n'),
    '}',
  ],
  args: (file) => ['-e', 'stderr', '-c', file],
};

const caddy: ProxyKind = {
  name: 'Caddy',
  program: 'caddy',
  example: 'proxies/Caddyfile',
  changes: ({ tlsPort, upstreamPort, certificate: { certificate, key } }) => [
    ['reverse_proxy 127.0.0.1:3000', `reverse_proxy 127.0.0.1:${upstreamPort}\n\ttls ${certificate} ${key}`],
    ['chat.example.org', `https://127.0.0.1:${tlsPort}`],
  ],
  around: ({ plainPort, tlsPort }) => [`{\nadmin off\nhttp_port ${plainPort}\nhttps_port ${tlsPort}\n}\n`, ''],
  args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
};

/** Caddy as docker-compose.yml starts it, before the processes at these two ports. */
export const clusterProxy = ([one, two]: readonly [number, number]): ProxyKind => ({
  ...caddy,
  example: 'compose/Caddyfile',
  changes: ({ tlsPort, certificate: { certificate, key } }) => [
    ['lockstep-1:3000 lockstep-2:3000', `127.0.0.1:${one} 127.0.0.1:${two}`],
    ['{$PUBLIC_URL} {', `https://127.0.0.1:${tlsPort} {\n\ttls ${certificate} ${key}`],
  ],
});

const haproxy: ProxyKind = {
  name: 'HAProxy',
  program: 'haproxy',
  example: 'proxies/haproxy.cfg',
  changes: ({ plainPort, tlsPort, upstreamPort, certificate }) => [
    ['bind :80', `bind 127.0.0.1:${plainPort}`],
    ['bind :443', `bind 127.0.0.1:${tlsPort}`],
    ['127.0.0.1:3000', `127.0.0.1:${upstreamPort}`],
    ['/etc/haproxy/certs/chat.example.org.pem', certificate.both],
    PATIENCE,
  ],
  around: () => ['', ''],
  args: (file) => ['-db', '-f', file],
};

const apache: ProxyKind = {
  name: 'Apache',
  program: 'apache2',
  example: 'proxies/apache.conf',
  changes: ({ plainPort, tlsPort, upstreamPort, certificate }) => [
    ['*:80', `127.0.0.1:${plainPort}`],
    ['*:443', `127.0.0.1:${tlsPort}`],
    ['127.0.0.1:3000', `127.0.0.1:${upstreamPort}`],
    [`${LIVE}/fullchain.pem`, certificate.certificate],
    [`${LIVE}/privkey.pem`, certificate.key],
    ['chat.example.org', '127.0.0.1'],
    ['timeout=60', 'timeout=1'],
  ],
  around: ({ folder, plainPort, tlsPort }) => [
    [
      ...['mpm_event', 'authz_core', 'alias', 'ssl', 'headers', 'proxy', 'proxy_http', 'proxy_wstunnel'].map(
        (module) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`,
      ),
      `ServerRoot ${folder}`,
      'ServerName 127.0.0.1',
      `PidFile ${folder}/apache.pid`,
      'ErrorLog "|/bin/cat"',
      `DefaultRuntimeDir ${folder}`,
      isRoot ? 'User www-data\nGroup www-data' : '',
      `Listen 127.0.0.1:${plainPort}`,
      `Listen 127.0.0.1:${tlsPort}`,
    ].join('\n'),
    '',
  ],
  args: (file) => ['-D', 'FOREGROUND', '-f', file],
};

export const PROXY_KINDS: readonly ProxyKind[] = [nginx, caddy, haproxy, apache];
