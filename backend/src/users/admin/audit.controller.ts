import { Controller, Get, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { dateOf } from '../../clock.js';
import { Answers, type OtherAnswer } from '../../common/handlers/answers.decorator.js';
import { CurrentPrincipal, type Principal } from '../../common/handlers/principal.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import { page, type Page } from '../../protocol/http/index.js';
import { type AuditEntry, auditEntry } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { Limited } from '../../limits/limited.decorator.js';
import { perUser } from '../../limits/policy.js';
import { recordAct } from './audit.js';
import { writeAuditCsv } from './audit-csv.js';
import { type AuditFilters, auditFilters, AuditLog, auditQuery } from './audit-log.js';

/** A file may hold the whole audit. */
const AUDIT_FILES = perUser('audit-files', 10);

const FILE: OtherAnswer = {
  says: 'The entries that match, newest first. Times are in ISO 8601, UTC.',
  content: { 'text/csv': z.string() },
  headers: { 'Content-Disposition': 'The name of the file, with the day.' },
};

@Controller('api/admin')
@Roles('admin')
export class AuditController {
  constructor(
    private readonly audit: AuditLog,
    private readonly log: EventLog,
  ) {}

  @Get('audit')
  @Answers('List the audit log, newest first', { 200: page(auditEntry) })
  list(@Query({ schema: auditQuery }) query: z.infer<typeof auditQuery>): Promise<Page<AuditEntry>> {
    return this.audit.page(query);
  }

  @Get('audit.csv')
  @Limited(AUDIT_FILES)
  @Answers('Export the audit log as CSV, with the same filters', { 200: FILE })
  async file(
    @CurrentPrincipal() { userId }: Principal,
    @Query({ schema: auditFilters }) filters: AuditFilters,
    @Res() response: Response,
  ): Promise<void> {
    const day = await this.log.write(async (transaction) => {
      await recordAct(transaction, { action: 'audit.exported', actorId: userId, detail: { filters } });
      return dateOf(transaction.at).toISOString().slice(0, 10);
    });
    response.attachment(`lockstep-audit-${day}.csv`).type('text/csv');
    try {
      await writeAuditCsv(this.audit.all(filters), response);
    } catch (error) {
      // The client closed the connection before the end of the download.
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
    }
  }
}
