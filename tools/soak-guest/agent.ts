/** The agent of the soak, in a process of its own: it reports its sizes when it is asked for them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { lastValueFrom, Subject } from 'rxjs';
import { dialSockets } from '../../src/agent/dialer.js';
import { localEngine } from '../../src/agent/engines/local.js';
import { runAgent } from '../../src/agent/run.js';
import { type Sizes, sizesOf } from './sizes.js';

/** Runs in the child, until the parent disconnects. */
export const serveAsAgent = async (path: string): Promise<void> => {
  const stop$ = new Subject<void>();
  process.on('message', () => void sizesOf().then((sizes) => process.send?.(sizes)));
  process.once('disconnect', () => stop$.next());
  await lastValueFrom(runAgent({ dial: dialSockets(path), engine: localEngine(), stop$ }), {
    defaultValue: undefined,
  });
};

export interface AgentProgram {
  sizes(): Promise<Sizes>;
  end(): Promise<void>;
}

/** @param program this tool, which serves when its first argument is `agent`. */
export const startAgent = (program: string, path: string): AgentProgram => {
  const child = fork(program, ['agent', path]);
  return {
    sizes: async () => {
      child.send('sizes');
      const [sizes] = await once(child, 'message');
      return sizes as Sizes;
    },
    end: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
};
