/**
 * The client's end of the stdio, in memory: what the exec writes is kept as text, what the client writes is typed in by
 * the script.
 */
import { concat, defer, EMPTY, lastValueFrom } from 'rxjs';
import type { ByteSink } from '../../src/hcs/contract/bytes.js';
import { type MemoryPipe, memoryPipe } from '../../src/hcs/simulated/memory-pipe.js';
import type { Answer } from '../../src/hcs/simulated/scripted-system.js';
import type { UpstreamIo } from '../../src/streams/stdio/upstream.js';
import type { Setup } from './vector.js';

export interface FakeUpstream {
  readonly io: UpstreamIo;
  readonly stdin: MemoryPipe | undefined;
}

/** @param deliver takes what arrived, under the name that vectors give it. */
export const fakeUpstream = (
  setup: Setup,
  answer: Answer,
  deliver: (name: string, chunk: Uint8Array) => void,
): FakeUpstream => {
  const stdin = setup.stdin ? memoryPipe() : undefined;
  let closed = false;
  const sink = (stream: 'stdout' | 'stderr', name: string): ByteSink => {
    const take = (chunk: Uint8Array) =>
      defer(() => {
        if (closed) throw new Error('the upstream is closed');
        deliver(name, chunk);
        return EMPTY;
      });
    return {
      write: (chunk) =>
        lastValueFrom(answer(`io.${stream}Write`, undefined, take(chunk)), { defaultValue: undefined }),
    };
  };
  const path = (name: 'stdin' | 'stdout' | 'stderr'): string => (setup[name] ? `pipe-${name}` : '');
  const endStdin = defer(() => {
    stdin?.end();
    return EMPTY;
  });
  const endOutput = defer(() => {
    closed = true;
    return EMPTY;
  });
  return {
    stdin,
    io: {
      ...(stdin === undefined ? {} : { stdin }),
      ...(setup.stdout ? { stdout: sink('stdout', 'upstreamStdout') } : {}),
      ...(setup.stderr ? { stderr: sink('stderr', 'upstreamStderr') } : {}),
      stdinPath: path('stdin'),
      stdoutPath: path('stdout'),
      stderrPath: path('stderr'),
      terminal: setup.terminal,
      closeStdin: () => answer('io.closeStdin', undefined, endStdin),
      close: () => answer('io.close', undefined, concat(endStdin, endOutput)),
    },
  };
};
