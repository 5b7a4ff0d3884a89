import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, expect, type Page } from '@playwright/test';
import { launchOptions, prepareBrowser } from './browser.ts';
import { CuttingRoom, type Shot } from './film/cutting-room.ts';
import { GifFilm } from './film/gif-film.ts';
import { Chat } from './support/chat.ts';
import { LockstepServer } from './support/lockstep-server.ts';
import { ADA } from './support/people.ts';
import { signIn } from './support/sign-in.ts';

const PATH = 'docs/film.gif';
const LABELS = ['Laptop', 'Phone'] as const;
const SCALE = 0.72;
/** A GIF need not be smoother, and each frame takes space. */
const INTERVAL_MS = 125;
const LAST_PICTURE_MS = 2_500;

/** Films two tabs of one user in sync: sending, streaming, stopping from the other one. */
async function main(): Promise<void> {
  const server = await LockstepServer.start();
  const browser = await chromium.launch(launchOptions());
  try {
    const context = await browser.newContext({ baseURL: server.url, colorScheme: 'light' });
    const laptop = await context.newPage();
    await laptop.setViewportSize({ width: 900, height: 600 });
    await signIn(laptop, ADA);
    const first = new Chat(laptop);
    await first.ask('/fast Plan a week in Lisbon');
    const phone = await context.newPage();
    await phone.setViewportSize({ width: 360, height: 600 });
    await phone.goto(laptop.url());
    const second = new Chat(phone);
    await second.replies.first().waitFor();

    const shots = await film([laptop, phone], () => play(first, second));
    const room = new CuttingRoom(await (await browser.newContext()).newPage(), LABELS, SCALE);
    await cut(shots, room);
  } finally {
    await browser.close();
    await server.dispose();
  }
}

/** The actions, with pauses for the viewer. */
async function play(laptop: Chat, phone: Chat): Promise<void> {
  await delay(600);
  await laptop.composer.pressSequentially('How do I debounce a function in TypeScript?', { delay: 35 });
  await delay(400);
  await laptop.composer.press('Enter');
  await laptop.readUntil(/\w/);
  await delay(7_000);
  await phone.stopButton.click();
  await laptop.finished();
  await delay(1_200);
  await phone.composer.pressSequentially('Thanks! And a throttle?', { delay: 35 });
  await delay(300);
  await phone.composer.press('Enter');
  await expect(laptop.replies).toHaveCount(3);
  await laptop.readUntil(/\w/);
  await delay(4_000);
}

/** Captures all tabs repeatedly while `action` runs. */
async function film(tabs: readonly Page[], action: () => Promise<void>): Promise<Shot[]> {
  const shots: Shot[] = [];
  const start = performance.now();
  let isOver = false;
  const acting = action().finally(() => (isOver = true));
  while (!isOver) {
    const atMs = performance.now() - start;
    const pictures = await Promise.all(tabs.map((tab) => tab.screenshot({ type: 'png', caret: 'initial' })));
    shots.push({ atMs, tabs: pictures.map((png) => png.toString('base64')) });
    await delay(Math.max(0, atMs + INTERVAL_MS - (performance.now() - start)));
  }
  await acting;
  return shots;
}

async function cut(shots: readonly Shot[], room: CuttingRoom): Promise<void> {
  const typical = shots[Math.floor(shots.length * 0.6)];
  if (!typical) throw new Error('Nothing was filmed');
  const gif = new GifFilm(await room.compose(typical));
  for (const [at, shot] of shots.entries()) {
    const next = shots[at + 1]?.atMs ?? shot.atMs + LAST_PICTURE_MS;
    gif.add(await room.compose(shot), next - shot.atMs);
  }
  const bytes = gif.finish();
  writeFileSync(PATH, bytes);
  console.log(`${PATH}: ${shots.length} pictures, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
}

await prepareBrowser();
await main();
