const SPEC = '[.](e2e-)?spec[.]ts$';
/** A command-line program ranks with `main`, wherever its file is. */
const CLI = '[.]cli[.]ts$';

/**
 * The layers of the server and of the page: an entry imports only from the lines above its own.
 * `backend/test/layers.spec.ts` proves each layer, and that every file and folder is listed.
 *
 * @type {Readonly<Record<string, string[][]>>}
 */
export const LAYERS = {
  'backend/src/': [
    ['protocol/'],
    ['clock.ts', 'rounds.ts', 'slots.ts', 'telemetry.ts', 'version.ts'],
    ['config/'],
    ['tracing/'],
    ['common/'],
    ['database/'],
    ['streams/'],
    ['limits/'],
    ['models/', 'users/'],
    ['team/'],
    ['auth/'],
    ['webhooks/'],
    ['chat/'],
    ['programs/', 'realtime/', 'health/'],
    ['doctor/'],
    ['schema.ts'],
    ['commands/'],
    ['app.module.ts'],
    ['contract/'],
    ['api-docs.ts', 'page.ts', 'listen.ts'],
    ['server.ts'],
    ['stop.ts'],
    ['main.ts'],
  ],
  'frontend/src/': [
    ['lib/language/'],
    ['lib/ui/', 'lib/storage/', 'lib/time-of-day.ts', 'lib/random-id.ts', 'lib/theme.svelte.ts'],
    ['lib/http/'],
    ['lib/lists/', 'lib/markdown/', 'lib/sync/', 'lib/session/', 'lib/meta.svelte.ts', 'lib/format-usage.ts'],
    ['lib/outbox/', 'lib/drafts/', 'lib/preference-choices.svelte.ts', 'lib/system-notifications.svelte.ts'],
    ['lib/client.ts'],
    ['lib/people/'],
    ['lib/admin/', 'lib/chat/', 'lib/webhooks/'],
    ['routes/', 'service-worker/', 'hooks.client.ts'],
  ],
};

const inSome = (/** @type {string} */ root, /** @type {string[]} */ some) =>
  `^${root}(${some.join('|').replaceAll('.', '[.]')})`;

const layerRules = Object.entries(LAYERS).flatMap(([root, lines]) =>
  lines.flatMap((line, at) =>
    line.map((name) => {
      const above = [...line.filter((other) => other !== name), ...lines.slice(at + 1).flat()];
      return {
        name: `layer-${root.split('/')[0]}-${name.replaceAll(/^lib[/]|[/]$|([.]module|[.]svelte|[.]client)?[.]ts$/g, '')}`,
        comment: 'A layer never imports from its own line or a later one: ARCHITECTURE.md has their order.',
        severity: /** @type {const} */ ('error'),
        from: { path: inSome(root, [name]), pathNot: [SPEC, CLI] },
        to: { path: [...(above.length > 0 ? [inSome(root, above)] : []), CLI] },
      };
    }),
  ),
);

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
      name: 'migrations-are-frozen',
      comment: 'A migration does the same whenever it runs: what it needs of living code it has a copy of.',
      severity: 'error',
      from: { path: '^backend/migrations/', pathNot: SPEC },
      to: { path: '^(backend/(src|dev|test|testing)|frontend)/' },
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
      from: { path: '^backend/', pathNot: ['^backend/src/models/', '^backend/test/(models|programs)/'] },
      to: { path: 'node_modules/(@langchain|langchain|langsmith|openai)/' },
    },
    {
      name: 'loaded-when-needed',
      severity: 'error',
      comment: 'What only some servers need, or none that rests, is loaded by `await import`: it takes much memory.',
      from: {
        path: '^backend/src/',
        pathNot: [
          SPEC,
          '^backend/src/(api-docs|models/(openai/openai-source|providers/provider-source|providers/provider-message|prompt|titles/title|tracing/(untraced|langsmith|callback-source)))[.]ts$',
          '^backend/src/tracing/otlp/',
          '^backend/src/contract/',
          '^backend/src/streams/bus/redis-(bus|connection)[.]ts$',
        ],
      },
      to: {
        path: [
          '^backend/src/(api-docs|models/(openai/openai-source|providers/provider-source|prompt|titles/title|tracing/(langsmith|callback-source)))[.]ts$',
          '^backend/src/tracing/otlp/',
          '^backend/src/contract/',
          '^backend/src/streams/bus/redis-(bus|connection)[.]ts$',
          'node_modules/(@langchain|langchain|langsmith|@opentelemetry|@nestjs/swagger|redis|@redis)/',
        ],
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'socket-io-in-realtime',
      severity: 'error',
      comment: 'Nothing below realtime/ knows that sockets exist.',
      from: { path: '^backend/(src|dev|testing/(model|provider))/', pathNot: '^backend/src/realtime/' },
      to: { path: 'node_modules/(socket[.]io|socket[.]io-adapter|@socket[.]io/[^/]+|engine[.]io)/' },
    },
    {
      name: 'development-stays-out',
      severity: 'error',
      comment: 'Local services and tests are no part of the product.',
      from: { path: '^backend/(src|migrations)/', pathNot: [SPEC, '^backend/src/main[.]ts$'] },
      to: { path: '^backend/(dev|test|testing)/' },
    },
    {
      name: 'development-loaded-lazily',
      severity: 'error',
      comment: 'main.ts may load the local services where they are wanted, and only by `await import`.',
      from: { path: '^backend/src/main[.]ts$' },
      to: { path: '^backend/(dev|test|testing)/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'testing-stands-alone',
      severity: 'error',
      comment:
        'Tests, benches, the browser tests and the local services use it, each by their own way to load TypeScript.',
      from: { path: '^backend/testing/', pathNot: SPEC },
      to: {
        path: '^(backend|e2e|bench|scripts)/',
        pathNot: ['^backend/testing/', '^backend/src/(protocol/|models/titles/title-instruction[.]ts$)'],
      },
    },
    {
      name: 'free-ports-in-one-file',
      severity: 'error',
      comment: 'A port that the system chose may be taken again before the program that it is for listens.',
      from: { pathNot: '^backend/testing/free-port[.]ts$' },
      to: { path: 'node_modules/get-port/' },
    },
    {
      name: 'development-needs-no-tests',
      severity: 'error',
      comment: 'The local services are built and shipped; tests are not.',
      from: { path: '^backend/dev/', pathNot: SPEC },
      to: { path: '^backend/test/' },
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
