import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { TelemetryConfig } from '../../config/telemetry/telemetry-config.js';

/** Identifies this process: the configured attributes win, except for the name of the service. */
export function resourceOf({ serviceName, resourceAttributes }: TelemetryConfig): Resource {
  const own = { 'service.instance.id': randomUUID(), 'host.name': hostname(), 'process.pid': process.pid };
  return defaultResource().merge(
    resourceFromAttributes({ ...own, ...resourceAttributes, 'service.name': serviceName }),
  );
}
