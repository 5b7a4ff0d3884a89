import { defineEntity, p } from '@mikro-orm/core';
import type { Personal, Preferences, Role } from '../protocol/index.js';
import { searchTextOf } from './admin/search-text.js';

export const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    /** As last verified by the provider. It may change, so it is never used as a key. */
    email: p.string().length(320).index(),
    name: p.string().length(200),
    /** Whether the user has set the name, so that the provider's name does not replace it. */
    hasOwnName: p.boolean(),
    /** The address of the picture at the provider, as of the last sign-in. It never leaves the server. */
    picture: p.string().length(2000).nullable(),
    /** The hash of the stored picture, so that a user can be shown without reading the table of pictures. */
    pictureHash: p.string().length(43).nullable(),
    /** Name and e-mail, folded for the search of admins; updated automatically. */
    searchText: p.text().onCreate(searchTextOf).onUpdate(searchTextOf).hidden(),
    role: p.string().length(20).$type<Role>(),
    /** The provider that sets the role at each sign-in, by its claims; `null` if admins set it. */
    roleIssuer: p.string().length(500).nullable(),
    disabled: p.boolean(),
    preferences: p.json().$type<Preferences>(),
    /** What the user wrote for the model; `null` until then. */
    personal: p.json<Personal>().nullable(),
    /** When the deletion of the account began. From then on it is disabled and hidden, until its rows are removed. */
    deletingSince: p.bigint('number').nullable(),
    /** Set when a message was refused for its budget, which begins anew then; until then queued messages wait. */
    budgetResetsAt: p.bigint('number').nullable(),
    createdAt: p.bigint('number'),
    lastSeenAt: p.bigint('number').nullable(),
  },
});

/** A person with an account. Times are in milliseconds since 1970, UTC, here and in every table. */
export class User extends UserSchema.class {
  /** Also forgets that a budget was exceeded: another role may have another one. */
  changeRole(role: Role): void {
    this.role = role;
    this.budgetResetsAt = null;
  }
}
UserSchema.setClass(User);
