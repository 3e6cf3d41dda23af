/**
 * The layers: entry points → streams → hcs contract → operators. Imports point one way, and an import
 * of a type points as much as any other.
 */
const contract = '^src/hcs/(contract|signals|failures)/';
const operators = '^src/operators/';
const native = '^src/hcs/native/';
const inContainer = '^src/hcs/in-container/';
const remote = '^src/hcs/remote/';
const doors = ['^src/(index|testing)\\.ts$', '^src/(cli|agent|shim|telemetry|testing)/'];
const npm = (/** @type {string} */ name) => `(^|/node_modules/|^node_modules/)${name}`;

/** Inside src, `from` may import only itself and what is listed. */
const only = (
  /** @type {string} */ name,
  /** @type {string} */ from,
  /** @type {string[]} */ allowed,
  /** @type {string} */ comment,
) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    only('operators-stand-alone', operators, [operators], 'Operators know nothing of the project.'),
    only(
      'contract-below-all',
      contract,
      [contract, operators],
      'The contract knows no engine and no stream.',
    ),
    only(
      'engine-keeps-to-itself',
      '^src/hcs/(?!contract/|signals/|failures/)([^/]+)/',
      ['^src/hcs/$1/', native, inContainer, remote, contract, operators],
      'An engine imports no stream, no entry point and no other engine.',
    ),
    only(
      'streams-know-no-engine',
      '^src/streams/',
      ['^src/streams/', native, contract, operators],
      'Streams see engines through the contract alone; the kernel below all of them is no engine.',
    ),
    {
      name: 'streams-ask-no-codes',
      comment: 'An engine answers a Delivery and errors of a kind; the codes of its service are its own.',
      severity: 'error',
      from: { path: '^src/streams/' },
      to: { path: '^src/hcs/failures/(classifiers|codes|status-error|hcs-error|sentinels)\\.ts$' },
    },
    only(
      'run-stands-on-streams',
      '^src/run/',
      ['^src/run/', '^src/streams/', contract, operators],
      'Runs use tasks and execs by their interfaces; engines are passed in.',
    ),
    only(
      'orchestrate-stands-on-runs',
      '^src/orchestrate/',
      ['^src/orchestrate/', '^src/run/', '^src/streams/', contract, operators],
      'Orchestration uses tasks, execs and runs; engines are passed in.',
    ),
    only('ttrpc-stands-alone', '^src/shim/ttrpc/', ['^src/shim/ttrpc/'], 'It could be a package of its own.'),
    only('messages-stand-alone', '^src/shim/messages/', ['^src/shim/messages/'], 'Messages are data.'),
    {
      name: 'every-file-has-a-layer',
      comment: 'A new folder in src needs a place in these rules first.',
      severity: 'error',
      from: {},
      to: {
        path: '^src/',
        pathNot: [...doors, '^src/run/', '^src/orchestrate/', '^src/streams/', '^src/hcs/', operators],
      },
    },
    {
      name: 'library-runs-no-program',
      comment: 'Who imports the library must not get the CLI or the shim.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|shim|telemetry)/' },
      to: { path: '^src/(cli|shim|telemetry)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-imports-specs-or-tools',
      comment: 'Specs and tools may share among themselves.',
      severity: 'error',
      from: { pathNot: '^(spec|tools)/' },
      to: { path: '^(spec|tools|bench)/' },
    },
    {
      name: 'telemetry-sdk-only-in-telemetry',
      comment: 'A library speaks to @opentelemetry/api; which SDK listens is for the program to choose.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/' },
      to: { path: npm('@opentelemetry/(sdk|exporter)-') },
    },
    {
      name: 'native-calls-only-in-engines',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/hcs/(?!contract/|signals/|failures/)[^/]+/' },
      to: { path: npm('(koffi|@koromix)(/|$)') },
    },
    {
      name: 'src-uses-shipped-packages',
      comment:
        'The library imports what users install: dependencies, and the peers, of which that of Kubernetes is optional.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|shim|telemetry)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: npm('(rxjs|@kubernetes/client-node)/'),
      },
    },
    {
      name: 'programs-bundle-listed-packages',
      comment: 'Command and shim are bundled: their packages are development dependencies.',
      severity: 'error',
      from: { path: '^src/(cli|shim|telemetry)/' },
      // The optional peer has no dependency type of its own.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: npm('@opentelemetry/sdk-node/') },
    },
    {
      name: 'process-is-global',
      comment:
        "Importing node:process opens this program's stdio, which makes pipes non-blocking for all who share them.",
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(node:)?process$', dependencyTypes: ['core'] },
    },
    {
      name: 'no-lost-imports',
      severity: 'error',
      from: {},
      // Its own name is how users and examples import the package; TypeScript finds it by its paths.
      to: { couldNotResolve: true, pathNot: '^rxshim(/|$)' },
    },
  ],
  options: {
    // TypeScript 7 has no JS API to parse with; swc is here for jest anyway.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|dist-tools)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
