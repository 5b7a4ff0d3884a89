import { afterAll, beforeAll } from '@jest/globals';
import { commands } from '../../src/protocol/index.js';
import { TestServer } from '../support/test-server.js';
import type { Access } from './access/access.js';
import { COMMANDS } from './access/commands.js';
import { ROUTES } from './access/routes.js';
import { attacks } from './support/family.js';
import { idsIn, idsOf, liveCommands, liveRoutes, namesOfRoutes } from './support/generated.js';
import { differences, missing, superfluous } from './support/table-advice.js';

const stops = attacks('unlisted');

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server[Symbol.asyncDispose]());

/** The keys of the ids that a table says a route takes, of those that are found in schemas. */
const listedIds = (access: Access, found: readonly string[]): string[] =>
  Object.keys(access.ids).filter((key) => found.includes(key) || !key.includes('.'));

stops('a route that is not in the table', async (attack) => {
  const live = new Map(liveRoutes().map((route) => [route.name, route]));
  for (const name of namesOfRoutes(server)) {
    await attack(name, () => {
      const route = live.get(name);
      if (!route) throw new Error('The running server has this route, and backend/src/contract does not describe it.');
      const access = ROUTES[name];
      if (!access) throw missing('routes', name, { ...route, ids: idsOf(route) });
      const found = idsOf(route);
      differences('routes', name, { ...access, ids: listedIds(access, found) }, { ...route, ids: found });
    });
  }
  for (const name of Object.keys(ROUTES)) {
    await attack(name, () => {
      if (!live.has(name)) throw superfluous('routes', name);
    });
  }
});

stops('a command of a socket that is not in the table', async (attack) => {
  const live = new Map(liveCommands(server).map((command) => [command.name, command]));
  for (const name of new Set([...live.keys(), ...Object.keys(commands)])) {
    await attack(name, () => {
      const command = live.get(name);
      if (!command?.payload) throw new Error('The protocol and the gateways disagree about this command.');
      const found = idsIn(command.payload);
      const described = {
        security: command.isPublic ? ('anyone' as const) : ('accessToken' as const),
        roles: command.isPublic ? [] : command.roles,
        scopes: [],
        ids: found,
      };
      const access = COMMANDS[name];
      if (!access) throw missing('commands', name, described);
      differences('commands', name, { ...access, ids: listedIds(access, found) }, described);
    });
  }
  for (const name of Object.keys(COMMANDS)) {
    await attack(name, () => {
      if (!live.has(name)) throw superfluous('commands', name);
    });
  }
});
