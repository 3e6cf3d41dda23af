/**
 * `npm run soak -- [--minutes N] [--peer] [--restarts SECONDS]`: real containers under a containerd of its own for so long, for both groupings,
 * with every exit code, output and event known before and compared. It ends with a table, and with 1 if anything was wrong,
 * lost, left or has grown. `--peer` asks the same of io.containerd.runc.v2. Ctrl-C ends it early, in order; a second one at once.
 */
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { beginRun } from '../scripts/begin-run.mjs';
import { install, installAnew, missing } from '../spec/support/containerd/runtime.js';
import { clockOf } from './soak/clock.js';
import { type Contender, contenderOf, type Runtime } from './soak/contender.js';
import { type Report, reportOf } from './soak/report.js';
import { openSite, type Site } from './soak/site.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '4' },
    /** From one restart of containerd to the next. */
    restarts: { type: 'string', default: '45' },
    peer: { type: 'boolean', default: false },
  },
});
const positive = (name: 'minutes' | 'restarts'): number => {
  const value = Number(values[name]);
  if (value > 0) return value;
  console.error(`soak: --${name} ${values[name]}: must be a positive number`);
  return process.exit(2);
};
const minutes = positive('minutes');
const restartEvery = positive('restarts') * 1_000;
const lack = missing();
if (lack !== undefined) {
  console.error(`soak cannot run here: ${lack}`);
  process.exit(process.env['CI'] === 'true' ? 1 : 0);
}

const runtimes = (): readonly Runtime[] => {
  if (values.peer) {
    const name = 'io.containerd.runc.v2';
    return [{ name: 'runc-v2', key: 'peer', installed: install(name) }];
  }
  return (['pod', 'namespace'] as const).map((grouping) => ({
    name: `rxshim, by ${grouping}`,
    key: grouping,
    installed: installAnew(['--grouping', grouping, '--linger', '5s']),
  }));
};

const say = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

/** As a deployment and as a crash would do it, in turn. */
const restarts = async (site: Site): Promise<void> => {
  const signals = ['SIGTERM', 'SIGKILL'] as const;
  const absences = [100, 3_000, 0, 1_000];
  for (let count = 0; ; count += 1) {
    await clock.sleep(restartEvery);
    if (clock.left() < 20_000) return;
    const signal = signals[count % signals.length] as NodeJS.Signals;
    const absence = absences[count % absences.length] as number;
    const began = clock.elapsed();
    await site.restart(signal, absence);
    say(`containerd: ${signal}, back after ${((clock.elapsed() - began) / 1_000).toFixed(1)} s`);
  }
};

const progress = async (contenders: readonly Contender[]): Promise<void> => {
  while (clock.left() > 0) {
    await clock.sleep(30_000);
    for (const { name, tally } of contenders)
      say(`${name}: ${tally.containers} containers, ${tally.execs} execs, ${tally.faults.length} faults`);
  }
};

/** Looks until it holds, for so long at the most. */
const waitFor = async (milliseconds: number, look: () => boolean): Promise<void> => {
  for (const end = performance.now() + milliseconds; !look() && performance.now() < end; ) await after(100);
};

const endRun = beginRun();
const installed = runtimes();
const site = await openSite();
const length = minutes * 60_000;
const window = minutes < 20 ? 10_000 : 60_000;
const clock = clockOf(length);
let interrupts = 0;
const interrupt = (): void => {
  interrupts += 1;
  // A second request does not wait. The janitor removes what is left.
  if (interrupts > 1) process.exit(130);
  say('interrupted: ending the containers');
  clock.stop();
};
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

const contenders = installed.map((runtime) => contenderOf(site, clock, runtime));
const all = (act: (contender: Contender) => Promise<void>): Promise<unknown> =>
  Promise.all(contenders.map(act));

const soak = async (): Promise<Report> => {
  say(`${minutes} minutes; containerd in ${site.containerd.directory}`);
  await all(({ workload }) => workload.start());
  await all(({ workload }) => workload.warmUp());
  say('warmed up; measuring the daemons');
  await all((contender) => contender.measure(window));
  await Promise.all([all(({ workload }) => workload.run()), restarts(site), progress(contenders)]);
  say('time is over; measuring the daemons');
  await waitFor(30_000, site.ledger.isComplete);
  await all((contender) => contender.measure(window));
  await all(({ workload }) => workload.end());
  await waitFor(30_000, site.ledger.isComplete);
  // A daemon that was started for a container that a restart cut waits for it for a minute.
  const isEmpty = (): boolean => Object.values(site.census()).every(({ length }) => length === 0);
  await waitFor(90_000, isEmpty);
  return reportOf(contenders, site.ledger, site.restarts, site.census());
};

const report = await soak().finally(async () => {
  await site.end();
  for (const { installed: each } of installed) each.remove();
});
const failures = [...report.failures, ...(await endRun()).map((each) => `left behind: ${each}`)];

const shown = 40;
console.log(`\n${report.table}\n`);
for (const failure of failures.slice(0, shown)) console.log(failure);
if (failures.length > shown) console.log(`… and ${failures.length - shown} more`);
console.log(
  `${(clock.elapsed() / 60_000).toFixed(1)} minutes, ${site.restarts} restarts of containerd: ` +
    (failures.length === 0 ? 'nothing wrong, lost or left' : `${failures.length} failures`),
);
process.exit(failures.length === 0 ? (interrupts > 0 ? 130 : 0) : 1);
