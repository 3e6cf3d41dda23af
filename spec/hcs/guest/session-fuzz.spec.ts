import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Observable, VirtualTimeScheduler } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import { connectGuest, type Guest, type GuestContainer } from '../../../src/hcs/guest/index.js';
import { memoryTransport } from '../../../tools/vectors/memory-transport.js';
import { memoryConnection, type Sent } from './memory-connection.js';

/** What a guest may do at any moment, sense or nonsense. */
const move = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(5), body: anyBody() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('dial' as const), which: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const), what: fc.nat(8) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('notify' as const), id: fc.constantFrom('c0', 'c1', 'x') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'fail' as const, 'leave' as const) }),
  },
);

function anyBody() {
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ Result: fc.constant(0), ProcessId: fc.nat(9), ExitCode: fc.nat(300) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ Result: fc.constantFrom(-2147467259, -1070137074, -2147023728, -1070137072) }),
    },
    {
      weight: 1,
      arbitrary: fc.dictionary(
        fc.constantFrom('Result', 'ExitCode', 'ProcessId', 'Properties'),
        fc.jsonValue(),
      ),
    },
  );
}

const capabilities = { RuntimeOsType: 'Linux', GuestDefinedCapabilities: { SignalProcessSupported: true } };

describe('a whole session', () => {
  it('ends for all that wait in it, whatever the guest does', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const scheduler = new VirtualTimeScheduler();
        const unanswered: Sent[] = [];
        const connection = memoryConnection((request) => unanswered.push(request));
        const transport = memoryTransport(connection);
        const open = new Set<string>();
        let asked = 0;
        const processes: ComputeProcess[] = [];
        const containers: GuestContainer[] = [];

        /** Whatever is asked must end. */
        const ask = <T>(name: string, work$: Observable<T>, got?: (value: T) => void): void => {
          asked += 1;
          const key = `${name} ${asked}`;
          open.add(key);
          work$.subscribe({
            next: (value) => got?.(value),
            error: () => open.delete(key),
            complete: () => open.delete(key),
          });
        };
        let guest: Guest | undefined;
        ask('connect', connectGuest(transport, { scheduler }), (value) => {
          guest = value;
        });
        const negotiation = unanswered.shift()!;
        connection.answer(negotiation, { Version: 4, Capabilities: capabilities });
        expect(guest).toBeDefined();
        ask('end of the guest', guest!.end$);
        const askFor = (what: number): void => {
          const [container, process] = [containers.at(-1), processes.at(-1)];
          const pipes = { CreateStdInPipe: true, CreateStdOutPipe: true };
          const created = (value: ComputeProcess) => {
            processes.push(value);
            ask('exit', value.exit$);
          };
          if (what === 0) {
            ask('container', guest!.createContainer({ id: `c${containers.length}`, spec: {} }), (made) => {
              containers.push(made);
              ask('end of a container', made.exit$);
            });
          } else if (what === 1)
            ask('external', guest!.host.createProcess({ CommandArgs: ['x'], ...pipes }), created);
          else if (what === 2 && container) ask('exec', container.createProcess(pipes), created);
          else if (what === 3 && process) ask('kill', process.kill());
          else if (what === 4 && container) ask('shutdown', container.shutdown());
          else if (what === 5 && container) ask('pids', container.pids());
          else if (what === 6 && process?.stdio.stdout) void readAll(process.stdio.stdout);
          else if (what === 7 && process) ask('close', process.close());
          else if (what === 8 && process) ask('resize', process.resizeConsole({ width: 1, height: 1 }));
        };
        for (const one of moves) {
          if (one.do === 'answer') {
            const [request] = unanswered.splice(one.which % Math.max(unanswered.length, 1), 1);
            if (request) connection.answer(request, one.body);
          } else if (one.do === 'dial')
            transport.dial([...transport.offered][one.which] ?? 0)?.on('error', () => undefined);
          else if (one.do === 'ask') askFor(one.what);
          else if (one.do === 'notify') connection.notify(one.id);
          else if (one.do === 'bytes') connection.arrive(one.bytes);
          else if (one.do === 'end') connection.end();
          else if (one.do === 'fail') connection.fail(new Error('reset'));
          else ask('close', guest!.close());
        }
        ask('close', guest!.close());
        expect([...open]).toEqual([]);
        for (const process of processes) process.close().subscribe();
        expect([...transport.offered]).toEqual([]);
        // No timer is left: time can pass to its end at once.
        scheduler.flush();
        expect(scheduler.frame).toBeLessThan(10 * 60_000);
      }),
      { seed: 6, numRuns: 10_000 },
    );
  });
});

const readAll = async (source: AsyncIterable<unknown>): Promise<void> => {
  try {
    for await (const _ of source);
  } catch {
    // Broken is ended as well.
  }
};
