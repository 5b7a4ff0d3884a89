import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const texts = z.strictObject({
  summary: z.string().min(1),
  description: z.string().min(1),
  runbook_url: z.url(),
});

const recording = z.strictObject({ record: z.string().regex(/^lockstep:/), expr: z.string().min(1) });
const alerting = z.strictObject({
  alert: z.string().regex(/^Lockstep[A-Z]\w+$/),
  expr: z.string().min(1),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: texts,
});
const ruleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([recording, alerting])) })),
});

const testFile = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
    }),
  ),
});

type RuleFile = z.infer<typeof ruleFile>;
export type Alert = z.infer<typeof alerting>;

const FOLDER = 'ops/prometheus';

/** An example in `ops/prometheus`, parsed. */
export const readExample = (name: string): unknown => parse(readFileSync(`${FOLDER}/${name}`, 'utf8'));

/** @throws z.ZodError if a rule has unknown keys, or no severity, sentences and runbook */
export const readRules = (): RuleFile => ruleFile.parse(readExample('alerts.yml'));

export const alertsOf = ({ groups }: RuleFile): Alert[] =>
  groups.flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule));

/** For each alert, whether a test expects it to fire, and whether one with a name of its own expects silence. */
export function testedAlerts(): { readonly firing: Set<string>; readonly silent: Set<string> } {
  const firing = new Set<string>();
  const silent = new Set<string>();
  for (const { alert_rule_test } of testFile.parse(readExample('alerts.test.yml')).tests) {
    const expected = alert_rule_test.filter(({ exp_alerts }) => exp_alerts.length > 0);
    for (const { alertname } of expected) firing.add(alertname);
    if (expected.length === 0) for (const { alertname } of alert_rule_test) silent.add(alertname);
  }
  return { firing, silent };
}
