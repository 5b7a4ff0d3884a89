import { defineEntity, p } from '@mikro-orm/core';
import type { Preferences, Role } from '../protocol/index.js';
import { searchTextOf } from './admin/search-text.js';

export const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    /** As the provider verified it last: an attribute that may change, never a key. */
    email: p.string().length(320).index(),
    name: p.string().length(200),
    /** The person has chosen the name: the provider's no longer replaces it. */
    hasOwnName: p.boolean(),
    picture: p.string().length(2000).nullable(),
    /** Name and e-mail as the search of the admins compares them; follows both by itself. */
    searchText: p.text().onCreate(searchTextOf).onUpdate(searchTextOf).hidden(),
    role: p.string().length(20).$type<Role>(),
    disabled: p.boolean(),
    preferences: p.json().$type<Preferences>(),
    createdAt: p.bigint('number'),
    lastSeenAt: p.bigint('number').nullable(),
  },
});

/** A person with an account. Times are in milliseconds since 1970, UTC, here and in every table. */
export class User extends UserSchema.class {}
UserSchema.setClass(User);
