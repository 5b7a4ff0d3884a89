import { readFileSync } from 'node:fs';
import { z } from 'zod';

const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const position = z.strictObject({
  h: z.int().min(1),
  w: z.int().min(1).max(24),
  x: z.int().min(0).max(23),
  y: z.int(),
});
const steps = z.array(z.strictObject({ color: z.string(), value: z.number().nullable() })).min(1);

const row = z.strictObject({
  id: z.int(),
  type: z.literal('row'),
  title: z.string().min(1),
  collapsed: z.literal(false),
  gridPos: position,
  panels: z.tuple([]),
});

const chart = z.strictObject({
  id: z.int(),
  type: z.enum(['stat', 'timeseries']),
  title: z.string().min(1),
  description: z.string().regex(/^[A-Z0-9].*\.$/s),
  datasource,
  gridPos: position,
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      unit: z.enum(['short', 's', 'bytes', 'percentunit', 'cps', 'reqps', 'ops']),
      min: z.number().optional(),
      max: z.number().optional(),
      decimals: z.int().optional(),
      thresholds: z.strictObject({ mode: z.literal('absolute'), steps }).optional(),
      mappings: z.array(z.record(z.string(), z.unknown())).optional(),
      custom: z.looseObject({ stacking: z.looseObject({ mode: z.enum(['none', 'normal']) }) }).optional(),
    }),
    overrides: z.tuple([]),
  }),
  options: z.record(z.string(), z.unknown()),
  targets: z
    .array(
      z.strictObject({
        refId: z.string().regex(/^[A-Z]$/),
        datasource,
        editorMode: z.literal('code'),
        expr: z.string().min(1),
        legendFormat: z.string().min(1),
        range: z.literal(true),
      }),
    )
    .min(1),
});

const variable = z.looseObject({ name: z.string(), type: z.string(), label: z.string() });

/** The part of Grafana's schema 42 that the dashboard uses; other keys would be mistakes. */
const dashboard = z.strictObject({
  uid: z.string().max(40),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  schemaVersion: z.literal(42),
  version: z.int(),
  editable: z.boolean(),
  graphTooltip: z.int().min(0).max(2),
  timezone: z.string(),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  timepicker: z.strictObject({}),
  fiscalYearStartMonth: z.int(),
  preload: z.boolean(),
  links: z.tuple([]),
  annotations: z.strictObject({ list: z.array(z.looseObject({ name: z.string(), expr: z.string(), datasource })) }),
  templating: z.strictObject({ list: z.array(variable) }),
  panels: z.array(z.discriminatedUnion('type', [row, chart])),
});

export type Dashboard = z.infer<typeof dashboard>;
/** A panel that shows data. */
export type Chart = z.infer<typeof chart>;

/** @throws z.ZodError if it is not a dashboard that Grafana can import */
export const readDashboard = (path = 'ops/grafana/dashboard.json'): Dashboard =>
  dashboard.parse(JSON.parse(readFileSync(path, 'utf8')));

export const chartsOf = ({ panels }: Dashboard): Chart[] => panels.filter((panel) => panel.type !== 'row');

/** An expression with what Grafana would insert for its variables: all processes, and a window of some scrapes. */
export const filledIn = (expr: string, window: string): string =>
  expr.replaceAll('$__rate_interval', window).replaceAll('$instance', '.+');
