import { momentOf, timeOfDay } from '../../clock.js';
import type { Config } from '../../config/config.js';
import type { ProcessStanding } from '../../protocol/http/index.js';
import { firstCode, isTlsCode, networkReason } from '../ask.js';
import { type Check, type Found, note, ok, problem } from '../findings.js';
import { askStanding, differences, type Found as AtAddress } from '../standing.js';
import { checkWebSocket } from './web-socket.js';

const LIMIT_MS = 10_000;
const DAY_MS = 86_400_000;
const ENDING_DAYS = 14;
/** Behind a load balancer, several requests reach several processes. */
const MORE_REQUESTS = 3;
/** A proxy whose server does not run. */
const NO_SERVER: ReadonlySet<number> = new Set([502, 503, 504]);

interface AddressOptions {
  readonly own: Pick<ProcessStanding, 'settings' | 'version'>;
  /** Whether a server runs that `PUBLIC_URL` can lead to. */
  readonly isRunning: () => Promise<boolean>;
}

/** Asks the server at `PUBLIC_URL`, as a browser does: on the way through the proxy. */
export const checkAddress = (config: Config, options: AddressOptions): Check => ({
  area: 'address',
  limitMs: LIMIT_MS + 4_000,
  run: async () => {
    const { publicUrl: url, appSecret } = config;
    const signal = AbortSignal.timeout(LIMIT_MS);
    let answer: AtAddress;
    try {
      answer = await askStanding(url, appSecret, signal);
    } catch (error) {
      return [await unreached(url, error, options)];
    }
    if (answer.kind === 'other') return [await elsewhere(url, answer.status, options)];
    const { standing, certificateEnds } = answer;
    const more = Array.from({ length: MORE_REQUESTS }, () =>
      askStanding(url, appSecret, signal).catch(() => undefined),
    );
    const others = (await Promise.all(more)).flatMap((one) => (one?.kind === 'process' ? [one.standing] : []));
    return [
      ok('address_ok', { url }),
      ...certificate(url, certificateEnds),
      ...compare(url, [standing, ...others], options.own),
      ...clientAddress(config, standing),
      await checkWebSocket(url, signal),
    ];
  },
});

async function unreached(url: string, error: unknown, { isRunning }: AddressOptions): Promise<Found> {
  const reason = networkReason(error);
  if (isTlsCode(firstCode(error))) return problem('address_tls', { url, reason });
  return (await isRunning()) ? problem('address_unreachable', { url, reason }) : note('address_unchecked', { url });
}

async function elsewhere(url: string, status: number, { isRunning }: AddressOptions): Promise<Found> {
  if (NO_SERVER.has(status) && !(await isRunning())) return note('address_unchecked', { url });
  const reason = status === 200 ? 'another program answers there' : `it answers with the status ${status}`;
  return problem('address_elsewhere', { url, reason });
}

function certificate(url: string, ends: string | undefined): Found[] {
  const days = Math.floor((momentOf(ends ?? '') - timeOfDay()) / DAY_MS);
  return days < ENDING_DAYS ? [problem('certificate_ends', { url, days })] : [];
}

/** Processes behind the address that differ from this configuration, each once. */
function compare(address: string, standings: readonly ProcessStanding[], own: AddressOptions['own']): Found[] {
  const different = new Set(standings.flatMap((standing) => differences(standing, own)));
  return different.size > 0 ? [problem('server_differs', { address, variables: [...different].join(', ') })] : [];
}

function clientAddress({ publicUrl: url, port }: Config, standing: ProcessStanding): Found[] {
  const { address, peer, hasForwardedFor, isPeerTrusted } = standing;
  const shown = address ?? peer ?? '';
  if (hasForwardedFor && !isPeerTrusted) return [problem('client_address_hidden', { address: shown })];
  const { protocol, port: publicPort } = new URL(url);
  // The server itself speaks plain HTTP at its own port.
  const isProxied = protocol === 'https:' || Number(publicPort || '80') !== port;
  if (isProxied && port !== 0 && !hasForwardedFor) return [problem('client_address_missing', { url, address: shown })];
  return [ok('client_address_ok', { address: shown })];
}
