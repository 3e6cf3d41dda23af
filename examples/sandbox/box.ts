/** One container for one run of untrusted code: started, used once, removed. */
import { createTask, lines, type Task } from 'rxshim';
import { docker } from 'rxshim/docker';
import { controlScript } from './control-script.js';
import { containerFor, type Limits } from './limits.js';

export interface BoxOptions {
  readonly image: string;
  /** The daemon. Default: the one that the docker command would use. */
  readonly host?: string;
  /** The program's name, by which its next start finds what this one has left behind. */
  readonly owner: string;
  readonly limits: Limits;
  /** Milliseconds after which a box ends, whatever becomes of this program. */
  readonly lifetime: number;
}

export interface Box {
  readonly task: Task;
  /** Ends everything in it at once. */
  kill(): Promise<void>;
  /** Whether the kernel has killed a process of it for want of memory. */
  wasOutOfMemory(): Promise<boolean>;
  /** Kills and removes it. May be called more than once. */
  remove(): Promise<void>;
}

export const openBox = async ({ image, host, owner, limits, lifetime }: BoxOptions): Promise<Box> => {
  const system = docker({
    image,
    owner,
    lifetime,
    ...(host !== undefined && { host }),
    ...containerFor(limits),
  });
  let oomOfInit = false;
  system.oom$.subscribe(() => (oomOfInit = true));
  const task = await createTask({
    id: `box-${++boxes}`,
    system,
    spec: { args: ['/bin/sh', '-c', controlScript, 'sh', String(Math.ceil(lifetime / 1000))], cwd: '/' },
    stdio: { stdin: 'pipe', stdout: 'pipe' },
  });
  const { init } = task;
  try {
    await init.start();
  } catch (error) {
    await task[Symbol.asyncDispose]();
    throw error;
  }
  const answers = lines(init.stdout)[Symbol.asyncIterator]();
  let removed: Promise<void> | undefined;
  return {
    task,
    kill: async () => {
      // It may have ended by itself.
      await task.kill('SIGKILL').catch(() => undefined);
    },
    wasOutOfMemory: async () => {
      if (init.state === 'running') {
        try {
          await init.stdin?.write(Buffer.from('\n'));
          const { value } = await answers.next();
          if (value !== undefined) return Number(value) > 0;
        } catch {
          // It has just ended.
        }
      }
      await task.wait();
      return oomOfInit;
    },
    remove: () => (removed ??= task[Symbol.asyncDispose]()),
  };
};

let boxes = 0;
