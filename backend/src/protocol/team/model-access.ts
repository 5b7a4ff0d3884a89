import { z } from 'zod';
import { uuid } from '../ids.js';
import { modelId } from '../texts.js';

/** The roles that may ask models; users with the role `pending` cannot. */
export const ASKING_ROLES = ['user', 'admin'] as const;
export const askingRole = z.enum(ASKING_ROLES);
export type AskingRole = z.infer<typeof askingRole>;

/** The highest number of single people who may ask one model. */
export const MAX_MODEL_USERS = 500;

const eachOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** Who may ask a model from now on; `null` is everybody. */
export const modelAccessChange = z
  .strictObject({
    roles: z.array(askingRole).refine(eachOnce, { message: 'must name each role once' }),
    userIds: z.array(uuid).max(MAX_MODEL_USERS).refine(eachOnce, { message: 'must name each person once' }),
  })
  .refine(({ roles, userIds }) => roles.length + userIds.length > 0, { message: 'must name a role or a person' })
  .nullable();
export type ModelAccessChange = z.infer<typeof modelAccessChange>;

/** A person as the page about models shows them. */
const modelUser = z.object({ id: uuid, name: z.string(), email: z.string() });

/**
 * Who may ask a model: everybody with one of the roles, and the people; `null` is everybody. Both lists are empty if all
 * people who were named have deleted accounts: then no user may.
 */
export const modelAccess = z
  .object({ roles: z.array(askingRole).readonly(), users: z.array(modelUser).readonly() })
  .nullable();
export type ModelAccess = z.infer<typeof modelAccess>;

/** A model of the configuration as admins see it. */
export const adminModel = z.object({ id: modelId, access: modelAccess });
export type AdminModel = z.infer<typeof adminModel>;
