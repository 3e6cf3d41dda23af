/**
 * Stdio with bytes, for worlds with the real relay: sources and sinks whose promises are settled by actions of the
 * scheduler, and so in an order that the seed picks. What promises bring about among themselves is done before the next
 * action, as between two events of a real event loop.
 */
import type { ByteSink, ByteSource } from '../../src/hcs/contract/bytes.js';
import type { ComputeProcess } from '../../src/hcs/contract/compute-process.js';
import { idOf, type Scenario, type SimEvent } from './scenario.js';
import type { SimProcess } from './sim-process.js';
import type { SimScheduler } from './sim-scheduler.js';
import type { Entry } from './trace.js';

type Stdio = Extract<SimEvent, { kind: 'stdio' }>;
type Result = IteratorResult<Uint8Array, undefined>;

export interface SimStreams {
  /** Where the caller wants the output of an exec. */
  sinkFor(exec: string): ByteSink;
  /** What the caller gives it to read. */
  sourceFor(exec: string): ByteSource;
  stdioOf(
    process: SimProcess,
    wants: { readonly stdin: boolean; readonly stdout: boolean },
  ): ComputeProcess['stdio'];
}

const end: Result = { done: true, value: undefined };

export const simStreams = (
  { events }: Scenario,
  scheduler: SimScheduler,
  record: (entry: Entry) => void,
): SimStreams => {
  const asked = new Map(
    events
      .filter((event): event is Stdio => event.kind === 'stdio')
      .map((event) => [idOf(event.exec), event]),
  );
  const moved = (exec: string, is: 'wrote' | 'delivered' | 'fed' | 'took', chunk: number): void =>
    record({ at: scheduler.now(), exec, is, chunk });
  const later = (ms: number): Promise<void> => new Promise((resolve) => scheduler.later(ms, resolve));

  /** What a process writes, in chunks of one number each, until its output is closed. */
  const output = (process: SimProcess, { chunks, every }: Stdio): ByteSource => {
    const written: Uint8Array[] = [];
    let total = 0;
    let reading: ((result: Result) => void) | undefined;
    let handleClosed = false;
    const through = (): Result => {
      if (!handleClosed) record({ at: scheduler.now(), exec: process.exec, is: 'through' });
      return end;
    };
    const write = (number: number): void => {
      if (process.closed || handleClosed || (!process.alive && !process.life.flows)) return;
      const chunk = Uint8Array.of(number);
      moved(process.exec, 'wrote', number);
      total += 1;
      if (reading === undefined) written.push(chunk);
      else {
        const resolve = reading;
        reading = undefined;
        resolve({ done: false, value: chunk });
      }
    };
    for (let number = 0; number < chunks; number += 1) scheduler.later(every * number, () => write(number));
    const endReading = (): void => {
      reading?.(through());
      reading = undefined;
    };
    process.onClosed = endReading;
    process.onHandleClosed = () => {
      handleClosed = true;
      endReading();
    };
    const next = (): Promise<Result> => {
      const chunk = handleClosed ? undefined : written.shift();
      if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
      if (process.closed || handleClosed) return Promise.resolve(through());
      return new Promise((resolve) => {
        reading = resolve;
      });
    };
    const arrived = (): number => (process.closed ? Number.POSITIVE_INFINITY : total);
    return { arrived, [Symbol.asyncIterator]: () => ({ next }) };
  };

  return {
    sinkFor: (exec) => {
      const { sink = 'quick', ms = 0 } = asked.get(exec) ?? {};
      return {
        write: async ([number = 0]) => {
          if (sink === 'stalls' && number >= 1) await new Promise(() => undefined);
          if (sink === 'breaks' && number >= 1) {
            record({ at: scheduler.now(), exec, is: 'through', brokenOff: true });
            record({ at: scheduler.now(), exec, is: 'ioFailed', stream: 'stdout' });
            throw new Error('the disk is full');
          }
          if (sink === 'slow' || sink === 'loop') await later(ms);
          moved(exec, 'delivered', number);
        },
      };
    },
    sourceFor: (exec) => {
      const { stdin = 'none' } = asked.get(exec) ?? {};
      let given = 0;
      const next = async (): Promise<Result> => {
        given += 1;
        if (given > 2 && stdin === 'breaks') {
          record({ at: scheduler.now(), exec, is: 'ioFailed', stream: 'stdin' });
          throw new Error('the source is broken');
        }
        if (given > 2) return stdin === 'ends' ? end : new Promise(() => undefined);
        const chunk = given;
        await later(chunk);
        moved(exec, 'fed', chunk);
        return { done: false, value: Uint8Array.of(chunk) };
      };
      return { [Symbol.asyncIterator]: () => ({ next }) };
    },
    stdioOf: (process, { stdin, stdout }) => {
      const asks = asked.get(process.exec);
      if (asks === undefined) return {};
      return {
        ...(stdin && {
          stdin: {
            write: async ([chunk = 0]: Uint8Array) => {
              if (asks.stdin === 'stuck') await new Promise(() => undefined);
              moved(process.exec, 'took', chunk);
            },
          },
        }),
        ...(stdout && { stdout: output(process, asks) }),
      };
    },
  };
};
