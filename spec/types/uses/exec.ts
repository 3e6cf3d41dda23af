/** createExec, an exec's streams and commands, and what its states and exits can be. */
import type { ObservedValueOf } from 'rxjs';
import {
  type CallerOutput,
  type Command,
  createExec,
  decode,
  type Exec,
  type ExecExit,
  type ExecOptions,
  type ExecOutcome,
  type ExecState,
  lines,
  type OutputChunk,
  type Phase,
  type StateName,
  type StopOutcome,
  type TaskEvent,
  text,
} from 'rxshim';
import { type Equal, is } from './equal.js';

export const options = (given: ExecOptions): void => {
  createExec({ ...given, spec: { args: ['true'] } });
  // @ts-expect-error a slip in the description of the process
  createExec({ ...given, spec: { agrs: ['true'] } });
  // @ts-expect-error a timeout that there is not
  createExec({ ...given, policies: { killTimeOut: 5 } });
  // @ts-expect-error an exec has a publisher
  createExec({ ...given, publish: undefined });
};

export const streams = (exec: Exec): void => {
  is<Equal<ObservedValueOf<typeof exec.state$>, ExecState>>(true);
  is<Equal<ObservedValueOf<typeof exec.exit$>, ExecExit>>(true);
  is<Equal<ObservedValueOf<typeof exec.released$>, ExecOutcome>>(true);
  is<Equal<ObservedValueOf<typeof exec.drained$>, Pick<ExecOutcome, 'truncated' | 'ioErrors'>>>(true);
  is<Equal<ObservedValueOf<typeof exec.events$>, TaskEvent>>(true);
  is<Equal<ObservedValueOf<typeof exec.output$>, OutputChunk>>(true);
  is<Equal<typeof exec.stdout, CallerOutput | undefined>>(true);
  is<Equal<typeof exec.state, StateName>>(true);
  // @ts-expect-error a public stream is no Subject
  exec.state$.next();
  // @ts-expect-error the state is read, not written
  exec.state = 'exited';
};

export const commands = async (exec: Exec): Promise<void> => {
  is<Equal<ReturnType<Exec['start']>, Command<void>>>(true);
  is<Equal<ReturnType<Exec['wait']>, Command<ExecOutcome>>>(true);
  is<Equal<ReturnType<Exec['stop']>, Command<StopOutcome>>>(true);
  const outcome = await exec.wait();
  is<Equal<typeof outcome, ExecOutcome>>(true);
  const { by } = await exec.stop({ grace: 1, signal: 'SIGTERM' });
  is<Equal<typeof by, 'itself' | 'signal' | 'kill'>>(true);
  exec.kill(9, { killMode: 'tree' });
  exec.kill('SIGTERM', { abortSignal: new AbortController().signal });
  // @ts-expect-error tree or leader
  exec.kill(9, { killMode: 'all' });
  // @ts-expect-error a slip in a name
  exec.kill(9, { killmode: 'tree' });
  // @ts-expect-error a slip in a name
  exec.start({ abortSingal: new AbortController().signal });
  // @ts-expect-error an AbortSignal is an abortSignal
  exec.wait({ signal: new AbortController().signal });
  // @ts-expect-error a kill has a signal
  exec.kill();
  // @ts-expect-error an option that there is not
  exec.stop({ timeout: 5 });
  // @ts-expect-error width and height
  exec.resizePty({ columns: 80, rows: 24 });
  // @ts-expect-error a forced exit has a status
  exec.forceExit();
};

export const exits = (exit: ExecExit): string => {
  is<Equal<ExecExit['kind'], 'exited' | 'signaled' | 'lost' | 'discarded' | 'startFailed'>>(true);
  is<Equal<typeof exit.status, number>>(true);
  // @ts-expect-error not every exit has a code
  void exit.code;
  switch (exit.kind) {
    case 'exited':
      return exit.code.toFixed();
    case 'signaled':
      // @ts-expect-error a signal is no code
      void exit.code;
      return exit.signal.toFixed();
    case 'lost':
      is<Equal<typeof exit.reason, string>>(true);
      return exit.reason;
    case 'discarded':
      return 'discarded';
    case 'startFailed':
      is<Equal<typeof exit.error, unknown>>(true);
      return String(exit.error);
    default:
      return exit satisfies never;
  }
};

export const states = (state: ExecState): void => {
  is<
    Equal<
      Phase,
      'created' | 'starting' | 'announcing' | 'running' | 'aborting' | 'draining' | 'releasing' | 'released'
    >
  >(true);
  is<Equal<StateName, 'created' | 'running' | 'exited'>>(true);
  is<Equal<typeof state.exit, ExecExit | undefined>>(true);
  // @ts-expect-error a phase that there is not
  void (state.phase === 'exited');
};

export const output = async (exec: Exec): Promise<void> => {
  for await (const line of lines(exec.stdout)) is<Equal<typeof line, string>>(true);
  for await (const piece of decode(exec.stderr)) is<Equal<typeof piece, string>>(true);
  for await (const chunk of exec.output$) is<Equal<typeof chunk, OutputChunk>>(true);
  const all = await text(exec.stdout);
  is<Equal<typeof all, string>>(true);
  // @ts-expect-error an option that there is not
  lines(exec.stdout, { max: 5 });
};
