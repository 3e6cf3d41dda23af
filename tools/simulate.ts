/**
 * `npm run simulate`: the production engine under a seeded scheduler, with every fault that is known. With `--daemon` first:
 * the shim's daemon, from containerd's calls down to the engine. With `--takeover`: a task whose orchestrator is killed at
 * any instant, and which a successor adopts. With `--watch`: pods of a cluster over a faulty watch.
 *
 *   -- --seeds N [--seed S] [--minimise]   N worlds from seed S on, or from a random one; stops at the first violation
 *   -- --mutants [--only TEXT | --write]   puts known defects in, one at a time: each must be caught; `--write` puts the
 *                                          table, and what must hold, into docs/how-we-know.md, and keeps
 *                                          the seeds, which the next hunt tries first
 *   -- --corpus                            replays the scenarios that once failed
 *   -- --accept FILE                       checks recorded real lives
 *
 * Exits with 1 on a violation, 2 on wrong usage.
 */
import { parseArgs } from 'node:util';
import { acceptFile } from './simulate/accept.js';
import { replayCorpus } from './simulate/corpus.js';
import { daemons } from './simulate/daemon/daemons.js';
import { daemonMutants } from './simulate/daemon/mutants.js';
import { writeDocs, writeTable } from './simulate/docs.js';
import { execs } from './simulate/execs.js';
import { huntMutants } from './simulate/hunt.js';
import { mutants } from './simulate/mutants.js';
import { runSeeds } from './simulate/run-seeds.js';
import type { Judged, Sized, Subject } from './simulate/subject.js';
import { takeoverMutants } from './simulate/takeover/mutants.js';
import { takeovers } from './simulate/takeover/takeovers.js';
import { watchMutants } from './simulate/watch/mutants.js';
import { watches } from './simulate/watch/watches.js';

// The stacks of simulated faults are not used, and capturing them costs a tenth of the time.
Error.stackTraceLimit = 0;
process.setSourceMapsEnabled(false);

const count = (name: string, text: string | undefined, standard: number): number => {
  if (text === undefined) return standard;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 2 ** 32) return value;
  console.error(`simulate: --${name} wants a whole number from 0 to 4294967296, got ${text}`);
  process.exit(2);
};

const usage = (): Promise<boolean> => {
  console.error(
    'simulate: [--daemon | --takeover | --watch] --seeds N [--seed S] [--minimise] | --mutants [--only TEXT | --write] | --corpus | --accept FILE',
  );
  process.exit(2);
};

const optionsFrom = () => {
  try {
    return parseArgs({
      options: {
        daemon: { type: 'boolean' },
        takeover: { type: 'boolean' },
        watch: { type: 'boolean' },
        seeds: { type: 'string' },
        seed: { type: 'string' },
        minimise: { type: 'boolean' },
        mutants: { type: 'boolean' },
        only: { type: 'string' },
        write: { type: 'boolean' },
        corpus: { type: 'boolean' },
        accept: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    console.error(`simulate: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
};

const asked = optionsFrom();
const seeds = () => ({
  seeds: count('seeds', asked.seeds, 1),
  from: count('seed', asked.seed, Math.floor(Math.random() * 2 ** 31)),
  minimising: asked.minimise ?? false,
});
const hunted = asked.watch
  ? { mutants: watchMutants, bundle: 'watch/bundle.ts', write: writeTable('watch-') }
  : asked.takeover
    ? { mutants: takeoverMutants, bundle: 'takeover/bundle.ts', write: writeTable('takeover-') }
    : asked.daemon
      ? { mutants: daemonMutants, bundle: 'daemon/bundle.ts', write: writeDocs('daemon-') }
      : { mutants, bundle: 'bundle.ts', write: writeDocs('') };
/** One of them, whatever its scenarios are. */
const using = <R>(act: <S extends Sized, J extends Judged>(subject: Subject<S, J>) => R): R => {
  if (asked.watch) return act(watches);
  if (asked.daemon) return act(daemons);
  return asked.takeover ? act(takeovers) : act(execs);
};
const good =
  asked.accept !== undefined
    ? acceptFile(asked.accept)
    : asked.corpus
      ? await using(replayCorpus)
      : asked.mutants
        ? await huntMutants({ ...hunted, only: asked.only, write: asked.write ? hunted.write : undefined })
        : asked.seeds !== undefined || asked.seed !== undefined
          ? await using((subject) => runSeeds(subject, seeds()))
          : await usage();
process.exitCode = good ? 0 : 1;
