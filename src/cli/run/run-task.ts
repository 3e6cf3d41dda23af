/**
 * The lifecycle of the task: created, observed, started, awaited, deleted. Processes that the command leaves behind are
 * killed.
 */
import { lastValueFrom, Subject } from 'rxjs';
import { createTask } from '../../index.js';
import { specOf } from '../../run/process-of.js';
import type { Ending } from '../ending.js';
import { recordPage } from '../html/recording.js';
import type { RunSettings } from '../options/run-settings.js';
import { exitCodes } from '../options/usage.js';
import { endingOf } from '../timeline/ending.js';
import { factJson } from '../timeline/fact-json.js';
import { type Asked, type Fact, factsOf } from '../timeline/facts.js';
import { type Host, openHost } from './host.js';
import { stopOnInterrupt } from './interrupts.js';
import { stopTogether } from './job-control.js';
import type { Outlets } from './outlets.js';
import { type CapturedResult, captureResult } from './result-json.js';
import { openStdio } from './stdio.js';
import { stopAfter, timeoutCode } from './stop-after.js';
import { openTimeline } from './timeline.js';

/**
 * @returns how to end: with the command's exit code, 128 + n if signal n killed it, or by that signal if this program
 * got it.
 */
export const runTask = async (settings: RunSettings, outlets: Outlets): Promise<Ending> => {
  const captured = settings.json ? captureResult(nameOf(settings), settings.command) : undefined;
  try {
    // Before the terminal is set up: while waiting for a guest, Ctrl-C must work.
    const host = await openHost(settings, outlets);
    try {
      return await runOn(host, settings, { ...outlets, captured });
    } finally {
      await host.close();
    }
  } catch (error) {
    captured?.fail(error);
    throw error;
  }
};

const nameOf = ({ name }: RunSettings): string => name ?? `run-${process.pid}`;

const runOn = async (
  host: Host,
  settings: RunSettings,
  { warn, log, events, annotate, captured }: Outlets & { readonly captured: CapturedResult | undefined },
): Promise<Ending> => {
  const id = nameOf(settings);
  const began = performance.now();
  const origin = performance.timeOrigin + began;
  const clock = () => performance.now() - began;
  const { command: args, terminal } = settings;
  const timeline = settings.timeline ? openTimeline(settings.command, clock) : undefined;
  const stdio = openStdio(settings, timeline?.rows ?? 0);
  const spec = {
    ...specOf(hostOf(settings), args, settings.process),
    ...(terminal && { terminal, consoleSize: stdio.size() }),
  };
  const page = settings.html === undefined ? undefined : recordPage(settings.html, args, { clock, origin });
  const target = await host.target(id, spec);
  const task = await createTask({
    id,
    system: target.system,
    // A bundle has its own.
    ...(settings.bundle === undefined && { spec }),
    stdio: (captured ?? page)?.request(stdio.request) ?? stdio.request,
    ...(log && { log }),
  });

  const asked$ = new Subject<Asked>();
  const ask = (asked: Asked): void => asked$.next(asked);
  const facts$ = new Subject<Fact>();
  const written = lastValueFrom(facts$, { defaultValue: undefined });
  timeline?.show(facts$);
  if (events) facts$.subscribe((fact) => events.writeLine(factJson(fact, id, origin)));
  if (page) facts$.subscribe((fact) => page.add(factJson(fact, id, origin)));
  if (timeline || events || page) factsOf(task, asked$, clock).subscribe(facts$);
  else facts$.complete();

  const interrupts = stopOnInterrupt(task, settings, {
    ask,
    warn,
    named: target.signal,
    witness: target.witness,
  });
  const stopAlone = target.isLocal && target.witness === undefined ? stopTogether(task) : undefined;
  const unfollow = stdio.follow(task.init, ask);
  let ending = 'never started';
  try {
    await task.init.start();
    annotate?.({
      'process.pid': task.init.pid,
      'process.command': args[0] ?? '',
      ...(settings.traceArguments && { 'process.command_args': args }),
    });
    const deadline = stopAfter(task, settings, warn);
    const outcome = await task.wait();
    const timedOut = deadline();
    ending = timedOut ? 'timed out' : endingOf(outcome);
    annotate?.({ 'process.exit.code': outcome.status }, outcome.status === 0 ? undefined : ending);
    captured?.print(outcome, { pid: task.init.pid, timedOut });
    if (timedOut) return { exitCode: timeoutCode };
    if (outcome.kind === 'lost') {
      warn(`${args[0]}: its end could not be learnt: ${outcome.reason}`);
      // The guest is gone: a failure of this program's connection, not an exit status of the command.
      if (settings.guest !== undefined) return { exitCode: exitCodes.failed };
    }
    return { exitCode: outcome.status, signal: interrupts.endedBy(outcome) };
  } finally {
    await task[Symbol.asyncDispose]();
    unfollow();
    stdio.close();
    asked$.complete();
    await written;
    page?.write(ending);
    interrupts.close();
    stopAlone?.();
    target.witness?.close();
  }
};

/** The defaults of a process: on this host the environment of this program. */
const hostOf = ({ guest, daemon, container }: RunSettings): Parameters<typeof specOf>[0] =>
  guest !== undefined || daemon !== undefined || container !== undefined
    ? {}
    : {
        defaultProcess: () => ({
          env: Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ''}`),
        }),
      };
