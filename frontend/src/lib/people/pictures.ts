import { api, session } from '../client.ts';
import { PersonPictures } from './person-pictures.ts';

/** The pictures of this tab; loaded apart, as nothing of the first paint waits for it. */
export const pictures = new PersonPictures(api);

session.onEnd(() => pictures.forget());
