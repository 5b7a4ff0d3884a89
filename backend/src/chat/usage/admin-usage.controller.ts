import { pipeline } from 'node:stream/promises';
import { Controller, Get, Header, Inject, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Answers, type OtherAnswer } from '../../common/handlers/answers.decorator.js';
import { Roles } from '../../common/handlers/roles.decorator.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import {
  type AdminUsageReport,
  adminUsageReport,
  type UsageItem,
  type UsageSeries,
  usageSeries,
} from '../../protocol/index.js';
import { type AdminUsageQuery, adminUsageQuery, readAdminUsage } from './admin-usage.js';
import { readSeries, type SeriesQuery, seriesQuery } from './usage-series.js';
import { totalOf } from './usage-sums.js';

/** A page shows no more; the CSV file has all. */
const MOST_ITEMS = 200;

const CSV: OtherAnswer = {
  says: 'A CSV file with a header line, of all people, models or days.',
  content: { 'text/csv': z.string() },
  headers: { 'Content-Disposition': 'The name of the file.' },
};

/** The use of everybody. */
@Controller('api/admin')
@Roles('admin')
export class AdminUsageController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
  ) {}

  @Get('usage')
  @Answers('List the use of everybody by person, model or day', { 200: adminUsageReport })
  async report(@Query({ schema: adminUsageQuery }) query: AdminUsageQuery): Promise<AdminUsageReport> {
    const items = await this.read(query);
    const shown = items.slice(0, MOST_ITEMS);
    return {
      items: shown,
      left: items.length - shown.length,
      total: totalOf(items),
      currency: this.config.models.currency,
    };
  }

  @Get('usage.csv')
  @Header('Cache-Control', 'no-store')
  @Answers('Export the use of everybody by person, model or day', { 200: CSV })
  async csv(@Query({ schema: adminUsageQuery }) query: AdminUsageQuery, @Res() response: Response): Promise<void> {
    const items = await this.read(query);
    const { usageCsv } = await import('./usage-csv.js');
    response.attachment(`usage-by-${query.by}.csv`).type('text/csv; charset=utf-8');
    try {
      await pipeline(usageCsv(query.by, items, this.config.models.currency), response);
    } catch (error) {
      // The client closed the connection before the end of the download.
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
    }
  }

  @Get('usage/series')
  @Answers('Get the use of everybody over time, by model', { 200: usageSeries })
  async series(@Query({ schema: seriesQuery }) query: SeriesQuery): Promise<UsageSeries> {
    const now = this.database.clock.now();
    const series = await this.database.readAside((em) => readSeries(em, query, now), { isLong: true });
    return { ...series, currency: this.config.models.currency };
  }

  private read(query: AdminUsageQuery): Promise<UsageItem[]> {
    const now = this.database.clock.now();
    return this.database.readAside((em) => readAdminUsage(em, query, now), { isLong: true });
  }
}
