/**
 * The execs of a pod that rxshim has started: those that run are found by their confirming scripts, those that have ended
 * by the records that these have left.
 *
 * The invariant: the container is only looked at. An exec without an id, or without a shell, is not found.
 */
import { AsyncSubject, defer, type Observable, of } from 'rxjs';
import { act } from '../../contract/act.js';
import type { AdoptedProcess } from '../../contract/adoption.js';
import type { Act, Delivery, ProcessExit } from '../../contract/compute-process.js';
import { exited, signaled } from '../../contract/exit-code.js';
import type { OutputGap } from '../../contract/output-gap.js';
import { RxshimError } from '../../failures/errors.js';
import { confirmingName, findPlace } from '../../in-container/confirming-script.js';
import { markIn } from '../../in-container/marks.js';
import { askForEnd } from '../exec/ask-for-end.js';
import { execSignals } from '../exec/exec-signals.js';
import { runInside } from '../exec/run-inside.js';
import type { PodContext } from '../pod/pod-context.js';
import { signalOfExec } from '../signals.js';

/** Writes `S pid nonce mark` for a script, `C pid parent` for a process that runs, `E nonce code mark` for a record. */
const findExecs = `
${findPlace}
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  { read -r stat < "$folder/stat"; } 2>/dev/null || continue
  set -- \${stat##*) }
  case $1 in Z|X) continue ;; esac
  echo "C $pid $2"
  { tr '\\0\\n' '\\n ' < "$folder/cmdline"; } 2>/dev/null | {
    read -r a; read -r b; read -r c; read -r name; read -r nonce; read -r mark
    [ "$name" = ${confirmingName} ] && echo "S $pid $nonce $mark"
  }
done
for file in "$place"/.rxshim-*; do
  [ -s "$file" ] && { read -r code mark < "$file" || :; echo "E \${file##*/.rxshim-} $code $mark"; }
done
exit 0
`;

interface FoundExec {
  readonly nonce: string;
  readonly mark: string;
  readonly pid: number;
  readonly code: number | undefined;
}

export const adoptExecs = async (pod: PodContext): Promise<readonly AdoptedProcess[]> => {
  if (pod.phase !== 'running') return [];
  let output: string;
  try {
    output = (await runInside(pod, findExecs)).output;
  } catch (error) {
    // An image without a shell has started no exec that could be found again.
    if (error instanceof RxshimError && error.exitStatus === 127) return [];
    throw error;
  }
  return execsIn(output).flatMap((exec) => {
    const id = markIn(exec.mark)?.id;
    return id === undefined ? [] : [adoptExec(pod, id, exec)];
  });
};

/** Each once, as a script that is about to start its command is there twice. */
const execsIn = (output: string): readonly FoundExec[] => {
  const lines = output.split('\n').map((line) => line.split(' '));
  const children = new Map(lines.filter(([kind]) => kind === 'C').map(([, pid, parent]) => [parent, pid]));
  const found = new Map<string, FoundExec>();
  for (const [kind, first = '', second = '', mark = ''] of lines) {
    if (kind === 'S' && !found.has(second))
      found.set(second, { nonce: second, mark, pid: Number(children.get(first) ?? 0), code: undefined });
    if (kind === 'E') found.set(first, { nonce: first, mark, pid: 0, code: Number(second) });
  }
  return [...found.values()].sort((a, b) => a.pid - b.pid);
};

const reason = 'an exec has but one connection, which ended with the program that started it';
const gaps: readonly OutputGap[] = [
  { stream: 'stdout', reason },
  { stream: 'stderr', reason },
];

const adoptExec = (pod: PodContext, id: string, { nonce, mark, pid, code }: FoundExec): AdoptedProcess => {
  const exit$ = new AsyncSubject<ProcessExit>();
  const sent = new Set<number>();
  const signals = execSignals(pod, pid, mark);
  const settle = (exit: ProcessExit): void => {
    if (exit.kind !== 'unknown') pod.settledExecs.push(nonce);
    exit$.next(exit.kind === 'exited' && sent.has(exit.code - 128) ? signaled(exit.code - 128) : exit);
    exit$.complete();
  };
  if (code !== undefined) settle(exited(code));
  else {
    const asked = askForEnd(pod, nonce, 'its connection ended with the program that started it').then(settle);
    pod.execs.add(asked);
    void asked.finally(() => pod.execs.delete(asked));
  }
  const nothing = (): Act => act(() => undefined);
  const sending = (send: (signal: number) => Observable<Delivery>, signal: number): Observable<Delivery> =>
    defer(() => {
      if (code !== undefined) return of<Delivery>('notDelivered');
      sent.add(signal);
      return send(signal);
    });
  return {
    id,
    phase: 'started',
    terminal: false,
    process: {
      pid,
      gaps,
      stdio: {},
      exit$: exit$.asObservable(),
      signal: (options) => sending(signals.leader, signalOfExec(options)),
      kill: () => sending(signals.leader, sigkill),
      tree: {
        signal: (options) => sending(signals.tree, signalOfExec(options)),
        kill: () => sending(signals.tree, sigkill),
        gone$: signals.gone$,
      },
      resizeConsole: nothing,
      closeStdin: nothing,
      closeStdout: nothing,
      closeStderr: nothing,
      close: nothing,
    },
  };
};

const sigkill = 9;
