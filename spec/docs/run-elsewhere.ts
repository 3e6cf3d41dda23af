/**
 * The blocks that `pages.spec.ts` does not run, each by a text that only it contains: the spec that runs it, or the reason
 * why none does. Those of TypeScript are compiled in any case.
 */
import type { Block } from './blocks.js';

export interface RunElsewhere {
  readonly page: string;
  readonly contains: string;
  /** Relative to the checkout. */
  readonly spec?: string;
  readonly reason?: string;
}

const engines = 'spec/docs/on-engines.spec.ts';
const minutes = 'scripts of this project that run for minutes; map.spec.ts checks that they are there';
const windows = 'needs Windows and its Host Compute Service';

export const runElsewhere: readonly RunElsewhere[] = [
  { page: 'README.md', contains: "from 'rxshim/runc'", spec: engines },
  { page: 'docs/adoption.md', contains: 'process.exit(0)', spec: engines },
  { page: 'docs/adoption.md', contains: 'exceptRun', spec: engines },
  { page: 'docs/docker.md', contains: "id: 'hello'", spec: engines },
  { page: 'docs/docker.md', contains: "id: 'step-1'", spec: engines },
  { page: 'docs/docker.md', contains: 'dockerExec({', spec: engines },
  { page: 'docs/docker.md', contains: 'CapDrop', spec: engines },
  {
    page: 'docs/docker.md',
    contains: 'build.example',
    reason: 'spec/hcs/docker/which-daemon.spec.ts runs this with certificates of its own',
  },
  { page: 'docs/docker.md', contains: 'pullImage', reason: 'needs a registry' },
  { page: 'docs/docker.md', contains: 'redis', reason: 'needs an image of a registry and a bridge network' },
  { page: 'docs/docker.md', contains: 'copyOut', spec: engines },
  { page: 'docs/docker.md', contains: 'dockerRegistry', spec: engines },
  { page: 'docs/engines.md', contains: 'export const childProcesses', spec: 'spec/docs/engines.spec.ts' },
  { page: 'docs/engines.md', contains: 'task.wait()', spec: 'spec/docs/engines.spec.ts' },
  { page: 'docs/engines.md', contains: 'contractTests(engine)', spec: 'spec/docs/engines.spec.ts' },
  { page: 'docs/kubernetes.md', contains: "id: 'hello'", spec: engines },
  { page: 'docs/kubernetes.md', contains: "id: 'step-1'", spec: engines },
  { page: 'docs/lcow.md', contains: 'runAgent', spec: engines },
  {
    page: 'docs/lcow.md',
    contains: 'containerDocument',
    reason: "needs a virtual machine with Microsoft's agent",
  },
  { page: 'docs/sandbox.md', contains: 'openSandbox', spec: engines },
  { page: 'docs/sandbox.md', contains: 'judge = async', spec: engines },
  { page: 'docs/testing.md', contains: 'takes its time', spec: 'spec/testing/guide.spec.ts' },
  { page: 'docs/testing.md', contains: 'leaky', spec: 'spec/testing/guide.spec.ts' },
  { page: 'docs/testing.md', contains: 'withDeadline', spec: 'spec/testing/guide.spec.ts' },
  { page: 'docs/windows.md', contains: 'attach(openContainer', reason: windows },
  {
    page: 'docs/adoption.md',
    contains: 'vsockSockets',
    reason: "needs a virtual machine with Microsoft's agent",
  },
  { page: 'docs/kubernetes.md', contains: 'kubernetesExec', reason: 'needs a pod with nginx' },
  {
    page: 'docs/kubernetes.md',
    contains: 'kubernetesRegistry',
    reason: 'its pods run for as long as its readers say',
  },
  // Commands for a shell.
  { page: 'README.md', contains: 'npm test', reason: 'the two commands are stages of .ci/run' },
  {
    page: 'README.md',
    contains: 'npx rxshim run -- ',
    reason: 'needs programs of the reader; spec/cli/run has each option',
  },
  {
    page: 'README.md',
    contains: 'shim install',
    reason: 'installs into /usr/local; spec/shim/containerd installs below a folder',
  },
  { page: 'CONTRIBUTING.md', contains: 'test:quick', reason: minutes },
  { page: 'CONTRIBUTING.md', contains: 'npm run format', reason: minutes },
  { page: 'docs/adoption.md', contains: 'rxshim ps', reason: 'spec/cli/adopted.spec.ts runs these commands' },
  { page: 'docs/containerd-suite.md', contains: 'apt-get', reason: 'builds containerd, for an hour' },
  { page: 'docs/containerd-suite.md', contains: 'cri.test', reason: 'needs the tests of containerd, built' },
  { page: 'docs/kubernetes.md', contains: '--kubernetes-exec', reason: 'needs a cluster' },
  {
    page: 'docs/containerd-suite.md',
    contains: './cri.test',
    reason: 'takes a root of Debian sid and the tests of containerd',
  },
  {
    page: 'docs/containerd.md',
    contains: 'shim:install',
    reason: 'installs into /usr/local and pulls an image',
  },
  {
    page: 'docs/docker.md',
    contains: '--docker-option',
    reason: 'spec/cli/run/docker.spec.ts runs these options',
  },
  { page: 'docs/how-we-know.md', contains: '--accept', reason: minutes },
  { page: 'docs/how-we-know.md', contains: '--daemon --mutants', reason: minutes },
  { page: 'docs/how-we-know.md', contains: '--takeover --mutants', reason: minutes },
  { page: 'docs/how-we-know.md', contains: '--watch --mutants', reason: minutes },
  { page: 'docs/how-we-know.md', contains: 'soak', reason: minutes },
  {
    page: 'docs/kubernetes-nodes.md',
    contains: 'docker build',
    reason: 'needs a cluster and a registry; spec/shim/install/kubernetes-nodes.spec.ts runs the script',
  },
  { page: 'docs/kubernetes-nodes.md', contains: 'ACTION=remove', reason: 'needs a cluster' },
  { page: 'docs/kubernetes.md', contains: 'npm install', reason: 'installs a package of the registry' },
  {
    page: 'docs/lcow.md',
    contains: '--guest-layer',
    reason: 'needs a virtual machine; spec/cli/run/guest.spec.ts runs the others',
  },
];

export const isRunElsewhere = ({ page, code }: Block): boolean =>
  runElsewhere.some((one) => one.page === page && code.includes(one.contains));
