import { Service, type ServiceKind } from './service.ts';

const KIND: ServiceKind = {
  programs: ['prometheus-alertmanager', 'alertmanager'],
  args: (folder, address) => [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=${address}`,
    // No other Alertmanagers: it needs no port for them.
    '--cluster.listen-address=',
    '--log.level=warn',
  ],
};

/** A real Alertmanager without alerts. */
export const startAlertmanager = (config: object): Promise<Service> =>
  Service.start(KIND, { 'alertmanager.yml': JSON.stringify(config) });
