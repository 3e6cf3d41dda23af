/**
 * `rxshim run --all`: several commands side by side, each a task of its own. Each line of their output has the name of its
 * command before it.
 *
 * All have ended, with their trees, when this ends. The exit code is that of the first that failed; those that were stopped
 * because another one had ended do not count.
 */
import { createTask, type Task } from '../../index.js';
import { specOf } from '../../run/process-of.js';
import type { Ending } from '../ending.js';
import type { RunSettings } from '../options/run-settings.js';
import { stopOnInterrupt } from '../run/interrupts.js';
import type { Outlets } from '../run/outlets.js';
import { stopAfter, timeoutCode } from '../run/stop-after.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { assertWritten } from '../terminal/own-output.js';
import { screenOf } from '../terminal/screen.js';
import { endingOf } from '../timeline/ending.js';
import type { Colour } from '../timeline/paint.js';
import { prefixed } from './prefixed.js';
import type { SideBySide } from './settings.js';

const palette: readonly Colour[] = ['cyan', 'magenta', 'green', 'yellow', 'blue'];

export const runAll = async (
  { commands, killOthers }: SideBySide,
  settings: RunSettings,
  { warn, log }: Outlets,
): Promise<Ending> => {
  const { local } = await import('../../hcs/local/index.js');
  const { paint } = screenOf(1);
  const outputs = { stdout: descriptorWriter(1), stderr: descriptorWriter(2) };
  const width = Math.max(...commands.map(({ name }) => name.length));
  const tasks: Task[] = [];
  let firstFailure: Ending | undefined;
  let stopping = false;
  let interruptedBy: NodeJS.Signals | undefined;
  let warned = false;
  const warnOnce = (line: string): void => {
    if (!warned) warn(line);
    warned = true;
  };

  const stopOthers = (ended: Task): void => {
    stopping = true;
    const { grace, stopSignal } = settings;
    for (const task of tasks)
      if (task !== ended)
        task
          .stop({ grace, ...(stopSignal !== undefined && { signal: stopSignal }) })
          .subscribe({ error: () => undefined });
  };

  const live = async ({ name, line }: SideBySide['commands'][number], place: number): Promise<void> => {
    const prefix = `${paint(palette[place % palette.length] as Colour, `[${name.padEnd(width)}]`)} `;
    const [stdout, stderr] = [prefixed(prefix, outputs.stdout), prefixed(prefix, outputs.stderr)];
    const id = `run-${process.pid}-${place + 1}`;
    const system = local({ id });
    const task = await createTask({
      id,
      system,
      spec: specOf(system, ['sh', '-c', line], settings.process),
      stdio: { stdin: 'ignore', stdout: stdout.sink, stderr: stderr.sink },
      ...(log && { log }),
    });
    tasks.push(task);
    const interrupts = stopOnInterrupt(task, settings, {
      ask: () => undefined,
      warn: warnOnce,
      named: (signal) => signal,
    });
    try {
      await task.init.start();
      // If another command ended before this one was started, this one is stopped as well.
      if (stopping) task.stop({ grace: settings.grace }).subscribe({ error: () => undefined });
      const deadline = stopAfter(task, settings, (text) => warn(`${name}: ${text}`));
      const outcome = await task.wait();
      const timedOut = deadline();
      stdout.end();
      stderr.end();
      const { status } = outcome;
      outputs.stderr.write(`${prefix}${paint('dim', timedOut ? 'timed out' : endingOf(outcome))}\n`);
      interruptedBy ??= interrupts.endedBy(outcome);
      const failed = status !== 0 || timedOut;
      if (failed && !stopping) firstFailure ??= { exitCode: timedOut ? timeoutCode : status };
      if (!stopping && (killOthers === 'always' || (killOthers === 'failure' && failed))) stopOthers(task);
    } finally {
      interrupts.close();
      await task[Symbol.asyncDispose]();
    }
  };

  const results = await Promise.allSettled(commands.map(live));
  const broken = results.find((result) => result.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  assertWritten(outputs.stdout);
  return { exitCode: 0, ...firstFailure, signal: interruptedBy };
};
