/**
 * `node scripts/tool.mjs bench/against COMMIT [ROUNDS]`: the processor time of one life of an exec, as a ratio to another
 * commit of this repository. Both are measured in one run, in turns, each time in a fresh process: a machine that is busy, or
 * whose speed drifts, is so for both.
 *
 * The measuring code is that of today. It is bundled with the sources of the commit, in which a file that has moved since
 * is found by its name. On a busy machine run it as `chrt -f 20 node scripts/tool.mjs bench/against …`, as root: the processes
 * then wait for no other work.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { asProgram } from '../bundle-options.js';
import type { CostOfLife } from './cost-of-lives.js';
import { median } from './harness.js';

const [commit, rounds = '9'] = process.argv.slice(2);
if (commit === undefined) {
  console.error('bench/against: name a commit to compare with');
  process.exit(2);
}

const root = process.cwd();
// Inside this project, where its packages are found.
const folder = mkdtempSync(join(root, 'dist-tools/against-'));

/** How much of their folders two paths have in common. */
const common = (one: string, other: string): number => {
  const [parts, others] = [dirname(one).split('/'), dirname(other).split('/')];
  const differs = parts.findIndex((part, index) => part !== others[index]);
  return differs < 0 ? parts.length : differs;
};

/** Files of the measuring code that were in another folder then. */
const movedSince = (tree: string): Plugin => {
  const sources = readdirSync(join(tree, 'src'), { recursive: true, encoding: 'utf8' });
  return {
    name: 'moved since',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^\..*\.js$/ }, ({ path, resolveDir }) => {
        const wanted = resolve(resolveDir, path.replace(/\.js$/, '.ts'));
        if (existsSync(wanted)) return undefined;
        const name = relative(join(tree, 'src'), wanted);
        const found = sources
          .filter((source) => basename(source) === basename(name))
          .sort((one, other) => common(other, name) - common(one, name))[0];
        return found === undefined ? undefined : { path: join(tree, 'src', found) };
      });
    },
  };
};

const bundle = async (name: string, tree: string): Promise<string> => {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(tree, 'tools/bench/cost-of-lives.ts')],
    outfile,
    ...asProgram,
    logLevel: 'error',
    plugins: [movedSince(tree)],
  });
  return outfile;
};

const treeOf = (name: string): string => {
  const tree = join(folder, name);
  mkdirSync(tree);
  const archive = execFileSync('git', ['archive', name, 'src', 'tsconfig.json'], { maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', tree], { input: archive });
  cpSync(join(root, 'tools/bench'), join(tree, 'tools/bench'), { recursive: true });
  return tree;
};

const ask = (bundled: string, ...kind: readonly string[]): unknown =>
  JSON.parse(execFileSync(process.execPath, [bundled, ...kind], { encoding: 'utf8' }));

try {
  const [now, before] = [await bundle('now', root), await bundle('then', treeOf(commit))];
  console.log(`processor time of a life, µs, medians of ${rounds} rounds in one run, beside ${commit}`);
  console.log('                    least batches: now, then, ratio   median batches: now, then, ratio');
  for (const kind of ask(now) as readonly string[]) {
    const costs = { now: [] as CostOfLife[], before: [] as CostOfLife[] };
    for (let round = 0; round < Number(rounds); round += 1) {
      const turns = [
        () => costs.now.push(ask(now, kind) as CostOfLife),
        () => costs.before.push(ask(before, kind) as CostOfLife),
      ];
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) turn();
    }
    const columns = (['least', 'median'] as const).map((which) => {
      const [today, that] = [costs.now, costs.before].map((all) => median(all.map((cost) => cost[which])));
      return [today!.toFixed(1), that!.toFixed(1), (today! / that!).toFixed(2)]
        .map((text) => text.padStart(9))
        .join('');
    });
    console.log(`${kind.padEnd(20)}${columns.join('      ')}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
