import type { CheckArea, Finding, FindingStatus, SystemCheck } from '#protocol';
import type { Api } from '../../http/api.ts';

const PATH = '/api/admin/system-check';

/** The findings about one part of the installation. */
interface AreaFindings {
  readonly area: CheckArea;
  readonly findings: readonly Finding[];
}

/** The last system check, and the one that runs. */
export class SystemCheckRun {
  report = $state.raw<SystemCheck>();
  failure = $state.raw<unknown>();
  isRunning = $state(false);
  /** The areas with problems first, then those with notes; within an area the server has put problems first. */
  readonly areas: readonly AreaFindings[] = $derived(byArea(this.report?.findings ?? []));

  constructor(private readonly api: Pick<Api, 'post'>) {}

  async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      this.report = await this.api.post<SystemCheck>(PATH);
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    } finally {
      this.isRunning = false;
    }
  }

  count(status: FindingStatus): number {
    return this.report?.findings.filter((finding) => finding.status === status).length ?? 0;
  }
}

const URGENCY: Readonly<Record<FindingStatus, number>> = { ok: 0, note: 1, problem: 2 };

const urgency = ({ findings }: AreaFindings): number => Math.max(...findings.map(({ status }) => URGENCY[status]));

function byArea(findings: readonly Finding[]): readonly AreaFindings[] {
  const areas = [...Map.groupBy(findings, ({ area }) => area)].map(([area, found]) => ({ area, findings: found }));
  return areas.sort((a, b) => urgency(b) - urgency(a));
}
