/** The programs of the pages that need a daemon, a cluster, a guest or a runtime, each over a private one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, onEachDaemon } from '../hcs/docker/on-daemons.js';
import { onStandIn } from '../hcs/kubernetes/on-stand-in.js';
import { describeWithRunc, harness } from '../hcs/runc/on-runc.js';
import { image } from '../support/docker-daemons.js';
import { runWord } from '../support/run-word.js';
import { type Block, blocksOf, blockWith, root } from './blocks.js';
import { bundlePrograms, type ProgramOptions } from './programs.js';
import { runElsewhere } from './run-elsewhere.js';

/** Whether this spec runs the block. */
const isOwn = ({ page, code }: Block): boolean =>
  runElsewhere.some(
    (one) => one.page === page && one.spec === 'spec/docs/on-engines.spec.ts' && code.includes(one.contains),
  );

const folder = mkdtempSync(join(tmpdir(), 'spec-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = async (code: string, { output }: Block, options: ProgramOptions = {}): Promise<void> => {
  const programs = await bundlePrograms({ block: code });
  try {
    const cwd = join(folder, 'work');
    mkdirSync(cwd, { recursive: true });
    expect(await programs.run('block', { cwd, ...options })).toEqual({
      stdout: output ?? '',
      stderr: '',
      status: 0,
    });
  } finally {
    programs.remove();
  }
};

const named = (blocks: readonly Block[]) =>
  blocks.map((block) => [`${block.title} (${block.place})`, block] as const);

const dockerBlocks = ['docs/docker.md', 'docs/sandbox.md'].flatMap(blocksOf).filter(isOwn);

onEachDaemon(
  'the pages on Docker and the sandbox',
  ({ daemon, task }) => {
    beforeAll(async () => {
      await ask(daemon(), 'POST', `/images/${image}/tag?repo=alpine&tag=latest`);
      await task({ name: 'web', command: ['sleep', '600'] });
    });

    it.each(named(dockerBlocks))('%s', (_, block) =>
      run(
        block.code.replace('./sandbox/', `${root}/examples/sandbox/`).replace(/sandbox\.js/, 'sandbox.ts'),
        block,
        {
          env: { DOCKER_HOST: daemon().host, DOCKER_CONTEXT: '' },
        },
      ),
    );
  },
  ['docker'],
);

onStandIn('the page on Kubernetes', ({ cluster }) => {
  it.each(named(blocksOf('docs/kubernetes.md').filter(isOwn)))('%s', (_, block) => {
    const config = join(folder, 'kubeconfig');
    writeFileSync(
      config,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: cluster().server, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'jobs' } }],
        'current-context': 'x',
      }),
    );
    return run(block.code, block, { env: { KUBECONFIG: config } });
  });
});

(process.platform === 'linux' ? describe : describe.skip)('the page on guests', () => {
  it('runs an agent and a command', () => {
    const block = blockWith('docs/lcow.md', 'runAgent');
    const sockets = mkdtempSync(join(folder, 'g-'));
    return run(block.code.replaceAll('/run/user/1000/g', join(sockets, 'g')), block);
  });
});

describeWithRunc('the pages on runc', () => {
  const { bundle, path } = harness();

  it('README.md runs a bundle', () => {
    const block = blockWith('README.md', "from 'rxshim/runc'");
    const code = block.code.replace('/run/bundles/web', bundle('exit 3'));
    return run(code.replaceAll("'web'", `'${runWord}-readme'`), block);
  });

  it('docs/adoption.md leaves containers behind, and adopts them', async () => {
    const [first, second] = ['process.exit(0)', 'exceptRun'].map((text) =>
      blockWith('docs/adoption.md', text),
    ) as [Block, Block];
    const waits = () => bundle("trap 'exit 0' TERM; while :; do sleep 0.05; done");
    const ids = ['web-1', 'web-2'].map((id) => [id, `${runWord}-docs-${id}`] as const);
    const rename = (code: string): string =>
      ids
        .reduce((text, [id, own]) => text.replaceAll(`'${id}'`, `'${own}'`), code)
        .replaceAll('/run/ci', path('records'));
    const bundles = JSON.stringify(Object.fromEntries(ids.map(([, own]) => [own, waits()])));
    await run(
      rename(first.code).replace(/`\/run\/bundles\/.*?`/, `(${bundles} as Record<string, string>)[id]!`),
      first,
    );
    await run(rename(second.code), {
      ...second,
      output: ids.reduce((text, [id, own]) => text.replace(id, own), second.output ?? ''),
    });
  });
});
