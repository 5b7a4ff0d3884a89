import { z } from 'zod';
import { startAlertmanager } from '../../testing/monitoring/alertmanager.js';
import { Prometheus } from '../../testing/monitoring/prometheus.js';
import { readExample, readRules } from './alert-rules.js';
import { Receiver } from './receiver.js';

const RULES = 'alerts.yml';
const TOKEN = 'token';

/** Prometheus and Alertmanager as in `ops/prometheus`, but everything happens within seconds instead of minutes. */
export class Monitoring implements AsyncDisposable {
  private constructor(
    readonly prometheus: Prometheus,
    readonly receiver: Receiver,
    private readonly owned: AsyncDisposable,
  ) {}

  /** @param address host and port of the server whose `METRICS_TOKEN` is `token` */
  static async start(address: string, token: string): Promise<Monitoring> {
    await using stack = new AsyncDisposableStack();
    const receiver = stack.use(await Receiver.start());
    const alertmanager = stack.use(await startAlertmanager(quickAlertmanager(receiver.url)));
    const config = quickPrometheus(address, new URL(alertmanager.url).host);
    const files = { [RULES]: JSON.stringify(quickRules()), [TOKEN]: token };
    const prometheus = stack.use(await Prometheus.start(config, files));
    return new Monitoring(prometheus, receiver, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.owned[Symbol.asyncDispose]();
  }
}

const scrape = z.looseObject({ job_name: z.string(), authorization: z.looseObject({}).optional() });
const prometheusConfig = z.looseObject({ rule_files: z.tuple([z.literal(RULES)]), scrape_configs: z.array(scrape) });
const route = z.looseObject({ receiver: z.string(), routes: z.array(z.looseObject({})) });
const alertmanagerConfig = z.looseObject({
  route,
  receivers: z.array(z.looseObject({ webhook_configs: z.array(z.looseObject({ url: z.string() })) })),
});

function quickPrometheus(address: string, alertmanager: string): object {
  const config = prometheusConfig.parse(readExample('prometheus.yml'));
  const lockstep = config.scrape_configs.find(({ job_name }) => job_name === 'lockstep');
  return {
    ...config,
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [
      {
        ...lockstep,
        scrape_timeout: '1s',
        authorization: { ...lockstep?.authorization, credentials_file: TOKEN },
        static_configs: [{ targets: [address] }],
      },
    ],
  };
}

/** The rules without their waits: an alert fires at its first evaluation. */
function quickRules(): object {
  const { groups } = readRules();
  const quick = (rule: (typeof groups)[number]['rules'][number]) => ({
    ...rule,
    ...('alert' in rule && { for: '0s' }),
  });
  return { groups: groups.map((group) => ({ ...group, rules: group.rules.map(quick) })) };
}

function quickAlertmanager(receiverUrl: string): object {
  const config = alertmanagerConfig.parse(readExample('alertmanager.yml'));
  const waits = { group_wait: '1s', group_interval: '1s' };
  return {
    ...config,
    route: { ...config.route, ...waits, routes: config.route.routes.map((one) => ({ ...one, ...waits })) },
    receivers: config.receivers.map((receiver) => ({
      ...receiver,
      webhook_configs: receiver.webhook_configs.map(({ url }) => ({ url: receiverUrl + new URL(url).pathname })),
    })),
  };
}
