import { ASKING_ROLES, type AskingRole, MAX_MODEL_USERS, type ModelAccess, type ModelAccessChange } from '#protocol';

/** A person who may ask a model. */
export type ModelUser = NonNullable<ModelAccess>['users'][number];

/** Who may ask a model, as an admin is choosing it. */
export class AccessForm {
  isForEverybody = $state(true);
  roles = $state.raw<readonly AskingRole[]>([]);
  users = $state.raw<readonly ModelUser[]>([]);

  /** No role and no person is chosen: that is no choice to save. */
  readonly isEmpty = $derived(!this.isForEverybody && this.roles.length + this.users.length === 0);
  readonly isFull = $derived(this.users.length >= MAX_MODEL_USERS);

  constructor(access: ModelAccess) {
    this.isForEverybody = access === null;
    // An admin who restricts a model begins with the admins.
    this.roles = access?.roles ?? ['admin'];
    this.users = access?.users ?? [];
  }

  switchRole(role: AskingRole, isOn: boolean): void {
    this.roles = ASKING_ROLES.filter((other) => (other === role ? isOn : this.roles.includes(other)));
  }

  has(id: string): boolean {
    return this.users.some((user) => user.id === id);
  }

  add({ id, name, email }: ModelUser): void {
    if (!this.has(id) && !this.isFull) this.users = [...this.users, { id, name, email }];
  }

  remove(id: string): void {
    this.users = this.users.filter((user) => user.id !== id);
  }

  /** What the server gets. */
  get change(): ModelAccessChange {
    return this.isForEverybody ? null : { roles: [...this.roles], userIds: this.users.map(({ id }) => id) };
  }
}
