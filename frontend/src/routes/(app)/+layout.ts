import { redirect } from '@sveltejs/kit';
import { session } from '#lib/client.ts';
import type { LayoutLoad } from './$types';

/** Redirects users who are not signed in to the login page, with the return path. */
export const load: LayoutLoad = async ({ url }) => {
  const path = url.pathname + url.search;
  try {
    await session.restore();
  } catch (error) {
    console.debug('The session could not be restored', error);
    return { isReachable: false };
  }
  if (session.state !== 'signed-in') redirect(307, `/login?return=${encodeURIComponent(path)}`);
  return { isReachable: true };
};
