import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OldRecords } from '../../src/auth/old-records.js';
import { Database } from '../../src/database/database.js';
import type { AuditEntry } from '../../src/protocol/index.js';
import { AuditEntry as Row } from '../../src/users/admin/audit-entry.entity.js';
import { UsersService } from '../../src/users/users.service.js';
import { AuthServer, person, type SignedIn } from '../auth/auth-server.js';
import { AdminRoutes, idOf, signInAs } from './people.js';

const DAY_MS = 24 * 3_600_000;

let server: AuthServer;
let ada: SignedIn;
let grace: SignedIn;
let admin: AdminRoutes;
beforeAll(async () => {
  server = await AuthServer.start({ env: { AUDIT_DAYS: '30' } });
  ada = await signInAs(server, 'ada', 'admin');
  admin = new AdminRoutes(server, ada);
  grace = await server.signIn('grace');
  await admin.change(idOf(grace), { role: 'pending' });
  await admin.change(idOf(grace), { role: 'admin' });
  await new AdminRoutes(server, grace).change(idOf(ada), { role: 'user' });
  await admin.change(idOf(grace), { disabled: true });
  await server.get(UsersService).change(null, idOf(ada), { role: 'admin' });
  await admin.change(idOf(grace), { disabled: true });
  await admin.change(idOf(ada), { role: 'user' });
  const browser = server.browser();
  await browser.get(await server.callbackPath(browser, { ...person('Ünal'), email_verified: false }));
});
afterAll(() => server[Symbol.asyncDispose]());

const found = async (query: Record<string, string>): Promise<readonly AuditEntry[]> =>
  (await admin.audit({ limit: '100', ...query })).items;
const csv = (query: Record<string, string> = {}, who = ada): Promise<Response> =>
  server.fetch(`/api/admin/audit.csv?${new URLSearchParams(query).toString()}`, who.grant.accessToken);

describe('the audit can be filtered', () => {
  it('by person and by actor, who are accounts or addresses in any case', async () => {
    const all = await found({});
    const isGrace = ({ actorId, targetId }: AuditEntry): boolean => actorId === idOf(grace) || targetId === idOf(grace);
    for (const value of [idOf(grace), 'grace@example.com', 'GRACE@example.com']) {
      expect(await found({ person: value })).toEqual(all.filter(isGrace));
      expect(await found({ actor: value })).toEqual(all.filter(({ actorId }) => actorId === idOf(grace)));
    }
    expect((await found({ person: idOf(grace) })).length).toBeGreaterThan((await found({ actor: idOf(grace) })).length);
    expect(await found({ person: 'grace@example' })).toEqual([]);
  });

  it('by act, or by all acts of an area', async () => {
    expect((await found({ action: 'user.disabled' })).map(({ action }) => action)).toEqual(['user.disabled']);
    const acts = (await found({ action: 'user' })).map(({ action }) => action);
    expect(new Set(acts)).toEqual(new Set(['user.disabled', 'user.role_changed']));
    // The underscore is no wildcard.
    expect(await found({ action: 'sign_in' })).toHaveLength(1);
    expect(await found({ action: 'use_' })).toEqual([]);
  });

  it('by outcome', async () => {
    expect((await found({ outcome: 'failed' })).map(({ action }) => action)).toEqual(['sign_in.failed']);
    expect((await found({ outcome: 'refused' })).every(({ action }) => action === 'admin.refused')).toBe(true);
    const counts = await Promise.all(['done', 'refused', 'failed'].map((outcome) => found({ outcome })));
    expect(counts.flat()).toHaveLength((await found({})).length);
  });

  it('by time: from is inclusive, to is not', async () => {
    const all = await found({});
    const at = all[2]?.at ?? 0;
    expect(await found({ from: String(at) })).toEqual(all.filter((entry) => entry.at >= at));
    expect(await found({ to: String(at) })).toEqual(all.filter((entry) => entry.at < at));
    expect(await found({ from: String(at), to: String(at) })).toEqual([]);
  });

  it.each([
    ['ünal@', 1],
    ['EMAIL_UNVERIFIED', 1],
    ['%', 0],
    ['no such text', 0],
  ])('by text in any case, with wildcards as literals: %p', async (q, count) => {
    expect(await found({ q })).toHaveLength(count);
  });

  it('by several of them together, page by page', async () => {
    const filters = { person: idOf(grace), outcome: 'done', q: 'role' };
    const all = await found(filters);
    expect(all.length).toBeGreaterThan(1);
    const first = await admin.audit({ ...filters, limit: '1' });
    const second = await admin.audit({ ...filters, limit: '100', cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items]).toEqual(all);
  });

  it.each<Record<string, string>>([
    { outcome: 'maybe' },
    { action: 'user.*' },
    { from: 'yesterday' },
    { from: '-1' },
    { person: '' },
    { q: 'x'.repeat(201) },
    { order: 'at' },
  ])('refuses %p', async (query) => {
    expect((await admin.get('audit', query)).status).toBe(400);
  });
});

describe('the audit as CSV', () => {
  it('[A5] has the entries of the same filters, as a file, and records that it was made', async () => {
    const filters = { person: idOf(grace), outcome: 'done' };
    const entries = await found(filters);
    const response = await csv(filters);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="?lockstep-audit-\d{4}-\d\d-\d\d\.csv"?$/,
    );
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
    expect(text.startsWith('\uFEFFtime,actor,action,outcome,target,')).toBe(true);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(entries.length + 1);
    for (const [at, entry] of entries.entries()) {
      expect(lines[at + 1]).toMatch(new RegExp(`^${new Date(entry.at).toISOString()},.*,${entry.id}$`));
      expect(lines[at + 1]).toContain(`,${entry.action},done,`);
    }
    const [recorded] = await found({ action: 'audit' });
    expect(recorded).toMatchObject({ action: 'audit.exported', actorId: idOf(ada), detail: { filters } });
  });

  it('keeps spreadsheets from calculating an address that a user has chosen', async () => {
    const addresses = ['=cmd()', '+1', '-1', '@sum', '\t=1', '\r=1'];
    for (const targetEmail of addresses) await write({ targetEmail, action: 'user.tested' });
    const text = await (await csv({ action: 'user.tested' })).text();
    for (const address of addresses) expect(text).toContain(`'${address}`);
    await server.get(Database).write((em) => em.nativeDelete(Row, { action: 'user.tested' }));
  });

  it('refuses what the list refuses', async () => {
    expect((await csv({ outcome: 'maybe' })).status).toBe(400);
    expect((await csv({ limit: '5' })).status).toBe(400);
  });

  it('goes on beyond one step of reading, without repeating an entry', async () => {
    for (let n = 0; n < 1_001; n++) await write({ action: 'user.counted', targetEmail: `n${n}@example.com` });
    const lines = (await (await csv({ action: 'user.counted' })).text()).trimEnd().split('\n').slice(1);
    expect(lines).toHaveLength(1_001);
    expect(new Set(lines).size).toBe(1_001);
    await server.get(Database).write((em) => em.nativeDelete(Row, { action: 'user.counted' }));
  });

  it('[A1] is for admins only', async () => {
    const eve = await server.signIn('eve');
    expect((await csv({}, eve)).status).toBe(403);
  });
});

it('entries of the audit older than AUDIT_DAYS are removed in steps, and no others', async () => {
  const now = server.get(Database).clock.now();
  for (let n = 0; n < 250; n++) await write({ action: 'user.old', at: now - 31 * DAY_MS });
  await write({ action: 'user.young', at: now - 29 * DAY_MS });
  await server.get(OldRecords).sweep(now);
  expect(await found({ action: 'user.old' })).toEqual([]);
  expect(await found({ action: 'user.young' })).toHaveLength(1);
});

it('entries of the audit are kept for ever without AUDIT_DAYS', async () => {
  await using other = await AuthServer.start();
  const root = await signInAs(other, 'root', 'admin');
  await other.get(OldRecords).sweep(other.get(Database).clock.now() + 36_500 * DAY_MS);
  expect((await new AdminRoutes(other, root).audit()).items).toHaveLength(1);
});

/** An entry as another version may have written it. */
async function write(entry: { action: string; targetEmail?: string; at?: number }): Promise<void> {
  const { clock } = server.get(Database);
  await server.get(Database).write((em) => {
    em.create(Row, {
      id: clock.newId(),
      at: entry.at ?? clock.now(),
      actorId: null,
      actorEmail: null,
      action: entry.action,
      targetId: null,
      targetEmail: entry.targetEmail ?? null,
      address: null,
      requestId: null,
      detail: {},
    });
    return Promise.resolve();
  });
}
