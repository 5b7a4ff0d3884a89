import { CommandRefused, WrongUsage } from '../../common/command-refused.js';
import { dateOf } from '../../clock.js';
import { ChatError, role as roles, ROLES, uuid } from '../../protocol/index.js';
import type { User } from '../user.entity.js';
import type { UsersService } from '../users.service.js';

/**
 * Gives an account a role from the command line: `EMAIL ROLE`, or the account's id where an e-mail is ambiguous.
 * @returns a sentence about what was done
 * @throws CommandRefused
 */
export async function setRole(users: UsersService, args: readonly string[]): Promise<string> {
  const [account, wanted, ...others] = args;
  if (account === undefined || wanted === undefined || others.length > 0) {
    throw new WrongUsage(`Usage: npm run user:role -- EMAIL ROLE, where ROLE is ${ROLES.join(', ')}.`);
  }
  const parsed = roles.safeParse(wanted);
  if (!parsed.success) throw new WrongUsage(`There is no role "${wanted}". Roles are ${ROLES.join(', ')}.`);
  const user = await findAccount(users, account);
  const described = `${user.name} <${user.email}>`;
  if (user.role === parsed.data) return `${described} has the role "${user.role}" already.`;
  try {
    await users.change(null, user.id, { role: parsed.data });
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw new CommandRefused(`${described}: ${error.message}`, { cause: error });
  }
  return `${described} was "${user.role}" and is "${parsed.data}" now.`;
}

/**
 * The account with this e-mail, or this id where several have the e-mail.
 * @throws CommandRefused
 */
export async function findAccount(users: UsersService, account: string): Promise<User> {
  const id = uuid.safeParse(account);
  const found = id.success ? await users.findById(id.data) : await users.findByEmail(account);
  const [user, ...others] = found;
  if (!user) {
    throw new CommandRefused(`There is no account ${account}. Accounts are created at the first sign-in.`);
  }
  if (others.length === 0) return user;
  const lines = found.map((one) => `  ${one.id}  ${one.name}, ${one.role}, since ${dayOf(one.createdAt)}`);
  throw new CommandRefused(`Several accounts have the e-mail ${account}. Name one by its id:\n${lines.join('\n')}`);
}

const dayOf = (at: number): string => dateOf(at).toISOString().slice(0, 10);
