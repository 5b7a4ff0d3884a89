import type { TeamEvent } from '../events.js';
import type { TeamState } from './announcements.js';

/**
 * Applies one event of the stream of a role. An announcement that has ended stays in the state until the next snapshot:
 * rule `L4` holds for the announcements that stand, which a client finds by their `endsAt`.
 */
export function foldTeam(view: TeamState, event: TeamEvent): TeamState {
  switch (event.type) {
    case 'announcement.added':
      return { ...view, announcements: [...view.announcements, event.data] };
    case 'models.changed':
    case 'budget.changed':
      return view;
    case 'announcement.withdrawn':
      return { ...view, announcements: view.announcements.filter(({ id }) => id !== event.data.id) };
  }
}
