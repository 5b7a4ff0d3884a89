import { MAX_ANNOUNCEMENT_LENGTH, type Role, ROLES, type Tone } from '#protocol';
import { storableText } from '../../storage/storable-text.ts';

export type AnnouncementFault = 'text missing' | 'text too long' | 'until past' | 'roles missing';

/** What an admin has entered for a new announcement. */
export class AnnouncementForm {
  text = $state('');
  tone = $state<Tone>('info');
  /** As a field for date and time has it, in the time zone of this device; empty without an end. */
  until = $state('');
  roles = $state.raw<readonly Role[]>(ROLES);

  readonly #trimmed = $derived(storableText(this.text).trim());
  readonly length = $derived(this.#trimmed.length);

  /** What is wrong with it at the time `now`. */
  faults(now: number): ReadonlySet<AnnouncementFault> {
    const endsAt = this.#endsAt;
    const found = new Set<AnnouncementFault>();
    if (this.length === 0) found.add('text missing');
    if (this.length > MAX_ANNOUNCEMENT_LENGTH) found.add('text too long');
    if (endsAt !== null && !(endsAt > now)) found.add('until past');
    if (this.roles.length === 0) found.add('roles missing');
    return found;
  }

  /** The body of the request. */
  get body() {
    return { text: this.#trimmed, tone: this.tone, endsAt: this.#endsAt, roles: this.roles };
  }

  switchRole(role: Role, isOn: boolean): void {
    this.roles = ROLES.filter((other) => (other === role ? isOn : this.roles.includes(other)));
  }

  clear(): void {
    this.text = '';
    this.until = '';
  }

  get #endsAt(): number | null {
    return this.until === '' ? null : new Date(this.until).getTime();
  }
}
