import { redirect } from '@sveltejs/kit';
import { session } from '#lib/client.ts';
import type { LayoutLoad } from './$types';

/** Nobody who is not signed in gets past here; where they wanted to go is kept for afterwards. */
export const load: LayoutLoad = async ({ url }) => {
  const path = url.pathname + url.search;
  try {
    await session.restore();
  } catch (error) {
    console.debug('The server cannot be asked who is signed in', error);
    return { isReachable: false };
  }
  if (session.state !== 'signed-in') redirect(307, `/login?return=${encodeURIComponent(path)}`);
  return { isReachable: true };
};
