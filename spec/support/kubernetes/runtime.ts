/**
 * What runs in the pods of the stand-in: processes of this host in a pid namespace of their own, by the local engine. The
 * first is pid 1, with all that means for signals; an exec joins its namespaces and ends with it.
 */
import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../../src/hcs/contract/compute-process.js';
import { statusOf } from '../../../src/hcs/contract/exit-code.js';
import { local } from '../../../src/hcs/local/index.js';
import { childrenOf } from '../../../src/hcs/native/process/proc.js';

export interface Program {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  /** Process 1 is that of a pause container, and the program is in a control group of its own (shareProcessNamespace). */
  readonly sharesPids?: boolean;
}

export interface Running {
  readonly process: ComputeProcess;
  /** The exit code as a container runtime reports it: 128 + n for a signal. */
  readonly exit: Promise<number>;
  kill(signal: number): void;
}

export interface Container {
  readonly main: Running;
  exec(program: Program): Promise<Running>;
  /** Ends everything in it. */
  remove(): Promise<void>;
}

/** Why a runtime would not start a program; undefined if it would. */
export const startProblem = ({ argv, env, cwd }: Program, hasShell: boolean): string | undefined => {
  const [name = ''] = argv;
  try {
    if (!statSync(cwd).isDirectory()) return `mkdir ${cwd}: not a directory`;
  } catch {
    // A missing one is made by a runtime.
  }
  const path = env.find((pair) => pair.startsWith('PATH='))?.slice(5) ?? '/usr/local/bin:/usr/bin:/bin';
  const places = name.includes('/') ? [name] : path.split(':').map((folder) => join(folder, name));
  const isShell = /(^|\/)sh$/.test(name);
  const files = places.filter((file) => isFile(file) && !(isShell && !hasShell));
  if (files.length === 0)
    return name.includes('/')
      ? `exec: "${name}": stat ${name}: no such file or directory`
      : `exec: "${name}": executable file not found in $PATH`;
  return files.some(isExecutable) ? undefined : `exec: "${name}": permission denied`;
};

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return (statSync(path).mode & 0o111) !== 0;
  } catch {
    return false;
  }
};

/** A container of one program. Its temporary folders are its own. */
export const startContainer = async (program: Program): Promise<Container> => {
  const system = local();
  const prepare =
    'mount -t tmpfs none /dev/shm; mount -t tmpfs none /tmp; cd "$0" 2>/dev/null || cd /; exec "$@"';
  const start = async (argv: readonly string[], { env, terminal, stdin }: Program): Promise<ComputeProcess> =>
    firstValueFrom(
      system.createProcess({
        OciProcess: { args: argv, env, cwd: '/', terminal },
        CreateStdOutPipe: true,
        CreateStdErrPipe: !terminal,
        ...((stdin || terminal) && { CreateStdInPipe: true }),
      }),
    );
  const namespaces = ['unshare', '--pid', '--fork', '--mount', '--mount-proc', '--kill-child'];
  const group = program.sharesPids ? join(groups, `rxshim-stand-in-${randomUUID()}`) : undefined;
  if (group !== undefined) mkdirSync(group);
  const inGroup = group === undefined ? [] : ['sh', '-c', enterGroup, group];
  const pause = group === undefined ? [] : ['sh', '-c', pauseScript];
  const argv = [...pause, ...inGroup, 'sh', '-c', prepare, program.cwd, ...program.argv];
  const main = await start([...namespaces, ...argv], program);
  if (group !== undefined) main.exit$.subscribe(() => void removeGroup(group));
  let inner: number | undefined;
  const innerPid = (): number | undefined => {
    inner ??= childrenOf(main.pid)[0];
    return inner !== undefined && program.sharesPids ? childrenOf(inner)[0] : inner;
  };
  const running = (process: ComputeProcess, pid: () => number | undefined): Running => ({
    process,
    exit: firstValueFrom(process.exit$).then((exit: ProcessExit) => statusOf(exit)),
    kill: (signal) => signalNow(pid(), signal),
  });
  while (innerPid() === undefined && !(await hasEnded(main)))
    await new Promise((next) => setTimeout(next, 1));

  return {
    main: running(main, innerPid),
    exec: async (one) => {
      const target = innerPid();
      if (target === undefined) throw new Error('container not found');
      const enter = ['nsenter', '--target', String(target), '--pid', '--mount', `--wd=${one.cwd}`];
      const process = await start([...inGroup, ...enter, ...one.argv], one);
      return running(process, () => childrenOf(process.pid)[0] ?? process.pid);
    },
    remove: async () => {
      await lastValueFrom(system.terminate(), { defaultValue: undefined });
      await firstValueFrom(system.exit$);
    },
  };
};

const groups = existsSync('/sys/fs/cgroup/pids') ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup';

/** Argument: the control group. */
const enterGroup = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

/** Ends as its child does. The end of process 1 ends them all, as that of a pause process ends its pod. */
const pauseScript = 'exec 3<&0; trap "exit 99" TERM INT; "$0" "$@" <&3 3<&- & wait $!';

/** It is busy for as long as a process in it has not been reaped. */
const removeGroup = async (group: string): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return rmdirSync(group);
    } catch (error) {
      if (tries === 500) throw error;
      await new Promise((next) => setTimeout(next, 10));
    }
  }
};

const hasEnded = async ({ exit$ }: ComputeProcess): Promise<boolean> => {
  let ended = false;
  exit$
    .subscribe(() => {
      ended = true;
    })
    .unsubscribe();
  return ended;
};

const signalNow = (pid: number | undefined, signal: number): void => {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
};
