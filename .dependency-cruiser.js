/**
 * The server's layers: a folder imports from those before it, never from those after it.
 * Folders of one line may know each other.
 */
const layers = [
  ['protocol/'],
  ['clock.ts'],
  ['config/'],
  ['common/'],
  ['database/'],
  ['streams/'],
  ['auth/', 'users/', 'models/'],
  ['chat/'],
  ['realtime/', 'health/'],
  ['app.module.ts', 'schema.ts'],
  ['main.ts'],
];

const SPEC = '[.](e2e-)?spec[.]ts$';
/** A program for the command line stands on top, beside `main`, wherever its file lies. */
const CLI = '[.]cli[.]ts$';

const inBackend = (/** @type {string[][]} */ some) => `^backend/src/(${some.flat().join('|').replaceAll('.', '[.]')})`;

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const layerRules = layers.slice(0, -1).map((layer, at) => ({
  name: `layer-${layer.join('-').replaceAll(/[/]|[.](module[.])?ts/g, '')}`,
  comment: 'A layer never imports from a later one: ARCHITECTURE.md has their order.',
  severity: 'error',
  from: { path: inBackend([layer]), pathNot: [SPEC, CLI] },
  to: { path: [inBackend(layers.slice(at + 1)), CLI] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    {
      name: 'common-serves-features',
      comment: 'Storage and the log know nothing of requests and sockets.',
      severity: 'error',
      from: { path: '^backend/src/(database|streams)/', pathNot: SPEC },
      to: { path: '^backend/src/common/' },
    },
    {
      name: 'users-before-auth',
      comment: 'Signing in needs users; users exist without it.',
      severity: 'error',
      from: { path: '^backend/src/users/', pathNot: [SPEC, CLI] },
      to: { path: '^backend/src/auth/' },
    },
    {
      name: 'models-alone',
      comment: 'A model gets a prompt and gives pieces of text: it knows nobody.',
      severity: 'error',
      from: { path: '^backend/src/models/', pathNot: SPEC },
      to: { path: '^backend/src/(auth|users)/' },
    },
    {
      name: 'protocol-imports-zod-alone',
      comment: 'Page and server share it, so it may bring nothing along.',
      severity: 'error',
      from: { path: '^backend/src/protocol/', pathNot: SPEC },
      to: { pathNot: ['^backend/src/protocol/', 'node_modules/zod/'] },
    },
    {
      name: 'langchain-in-models',
      severity: 'error',
      comment: 'models/ is the one folder that knows LangChain.',
      from: { path: '^backend/', pathNot: ['^backend/src/models/', '^backend/test/models/'] },
      to: { path: 'node_modules/(@langchain|langchain|openai)/' },
    },
    {
      name: 'loaded-when-needed',
      severity: 'error',
      comment: 'What only some servers need, or none that rests, is loaded by `await import`: it takes much memory.',
      from: {
        path: '^backend/src/',
        pathNot: [
          SPEC,
          '^backend/src/(api-docs|models/(openai/openai-source|providers/provider-source|providers/provider-message|prompt|titles/title))[.]ts$',
          '^backend/src/streams/bus/redis-(bus|connection)[.]ts$',
        ],
      },
      to: {
        path: [
          '^backend/src/(api-docs|models/(openai/openai-source|providers/provider-source|prompt|titles/title))[.]ts$',
          '^backend/src/streams/bus/redis-(bus|connection)[.]ts$',
          'node_modules/(@langchain|langchain|@nestjs/swagger|redis|@redis)/',
        ],
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'socket-io-in-realtime',
      severity: 'error',
      comment: 'Nothing below realtime/ knows that sockets exist.',
      from: { path: '^backend/(src|dev)/', pathNot: '^backend/src/realtime/' },
      to: { path: 'node_modules/(socket[.]io|socket[.]io-adapter|@socket[.]io/[^/]+|engine[.]io)/' },
    },
    {
      name: 'development-stays-out',
      severity: 'error',
      comment: 'Stand-ins and tests are no part of the product.',
      from: { path: '^backend/(src|migrations)/', pathNot: [SPEC, '^backend/src/main[.]ts$'] },
      to: { path: '^backend/(dev|test)/' },
    },
    {
      name: 'development-loaded-lazily',
      severity: 'error',
      comment: 'main.ts may load the stand-ins where they are wanted, and only by `await import`.',
      from: { path: '^backend/src/main[.]ts$' },
      to: { path: '^backend/(dev|test)/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      comment: 'The image that is shipped holds no devDependencies.',
      from: { path: '^backend/(src|migrations)/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'socket-client-in-connection',
      severity: 'error',
      comment: 'One file talks to the socket; everything else asks it.',
      from: { path: '^frontend/', pathNot: '^frontend/src/lib/sync/connection[.]svelte[.]ts$' },
      to: { path: 'node_modules/(socket[.]io-client|engine[.]io-client)/' },
    },
    {
      name: 'page-knows-protocol-alone',
      severity: 'error',
      comment: 'The page shares the protocol with the server, as #protocol, and nothing else.',
      from: { path: '^frontend/' },
      to: { path: '^(backend|dist)/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'page-ui-alone',
      severity: 'error',
      comment: 'Buttons, fields, menus and the drawing of Markdown know words, and nothing of chat.',
      from: { path: '^frontend/src/lib/(ui|markdown)/', pathNot: SPEC },
      to: { path: '^frontend/src/', pathNot: '^frontend/src/lib/(ui|markdown|language)/' },
    },
    {
      name: 'page-lists-know-no-feature',
      severity: 'error',
      comment: 'A list that comes page by page does not know what is in it.',
      from: { path: '^frontend/src/lib/lists/', pathNot: SPEC },
      to: { path: '^frontend/src/lib/(chat|admin)/' },
    },
    {
      name: 'page-language-alone',
      severity: 'error',
      comment: 'Everything on the page speaks; speaking needs nothing of it.',
      from: { path: '^frontend/src/lib/language/', pathNot: SPEC },
      to: { path: '^frontend/src/', pathNot: '^frontend/src/lib/language/' },
    },
    {
      name: 'page-connection-before-stores',
      severity: 'error',
      comment: 'Stores use the connection, never the other way round.',
      from: { path: '^frontend/src/lib/sync/connection[.]svelte[.]ts$' },
      to: { path: '^frontend/src/(lib/(chat|admin|ui|outbox|drafts|session)|routes)' },
    },
    {
      name: 'page-routes-last',
      severity: 'error',
      comment: 'Routes put the parts together; no part knows a route.',
      from: { path: '^frontend/src/lib/' },
      to: { path: '^frontend/src/routes/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one thing, or three. Types alone may.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'What is imported exists. SvelteKit makes its own modules while it builds.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^([$](app|env)/|[.]/[$]types)' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['[.]svelte-kit/', '^frontend/(build|node_modules)/', '/language/paraglide/', '^dist'] },
    tsPreCompilationDeps: true,
    detectJSDocImports: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
      conditionNames: ['source', 'svelte', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.svelte', '.d.ts', '.json'],
    },
  },
};
