/**
 * Two connections of the same guest: what belongs to the first may arrive on the second, at any moment.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openBridge } from '../../../../src/hcs/guest/bridge/bridge.js';
import type { BridgeEnd } from '../../../../src/hcs/guest/bridge/failures.js';
import { noActivity } from '../../../../src/hcs/guest/protocol/constants.js';
import { memoryConnection, type Sent } from '../memory-connection.js';

interface Wait {
  readonly connection: number;
  readonly pid: number;
  code?: number;
  failed?: boolean;
}

/** A client with waits and a container `c1`, on a connection of its own. */
const client = (connection: number, pids: readonly number[]) => {
  const wire = memoryConnection();
  const strays: string[] = [];
  const ends: BridgeEnd[] = [];
  const bridge = openBridge(wire, { onStray: (what) => strays.push(what) });
  bridge.end$.subscribe((end) => ends.push(end));
  const activity = `6d2ca4b4-0a3f-4b7c-8c0e-00000000000${connection}`;
  const container = { ended: 0 };
  bridge.containerEnd('c1', activity).ended$.subscribe(() => (container.ended += 1));
  bridge.call('create', 'c1', { ContainerConfig: '{}' }, { activity, unbounded: true }).subscribe({
    error: () => undefined,
  });
  const waits = pids.map((pid) => {
    const wait: Wait = { connection, pid };
    bridge
      .call('waitForProcess', 'c1', { ProcessId: pid, TimeoutInMs: 0xffffffff }, { unbounded: true })
      .subscribe({ next: ({ ExitCode }) => (wait.code = ExitCode ?? 0), error: () => (wait.failed = true) });
    return wait;
  });
  return { wire, bridge, strays, ends, activity, container, waits };
};

/** The exit code that only this process of this connection has. */
const codeOf = (connection: number, pid: number): number => connection * 100 + pid;

const answerTo = (request: Sent, connection: number) =>
  request.type === 0x10100601 ? { ExitCode: codeOf(connection, Number(request.fields['ProcessId'])) } : {};

describe('a guest that connects again', () => {
  it('gives no answer and no end of the earlier connection to the later one, in any interleaving', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        fc.boolean(),
        (firstPids, secondPids, choices, hasActivity) => {
          const first = client(1, firstPids);
          first.wire.end();
          expect(first.waits.every(({ failed }) => failed === true)).toBe(true);
          const second = client(2, secondPids);
          const deliver = (request: Sent, connection: number) => () =>
            second.wire.answer(request, answerTo(request, connection));
          const notify = (activity: string) => () =>
            second.wire.frame(0x30100101, 0n, { ContainerId: 'c1', ActivityId: activity });
          const remaining = [
            ...first.wire.sent.map((request) => deliver(request, 1)),
            ...second.wire.sent.map((request) => deliver(request, 2)),
            notify(first.activity),
            () => second.wire.notify('c0'),
          ];
          if (hasActivity) remaining.push(notify(second.activity));
          for (const choice of choices) {
            const [act] = remaining.splice(choice % remaining.length, 1);
            act?.();
            for (const { pid, code } of second.waits)
              if (code !== undefined) expect(code).toBe(codeOf(2, pid));
            if (remaining.length === 0) break;
          }
          expect(second.ends).toEqual([]);
          expect(second.waits.map(({ code }) => code)).toEqual(secondPids.map((pid) => codeOf(2, pid)));
          expect(second.container.ended).toBe(hasActivity ? 1 : 0);
          expect(second.strays).toHaveLength(first.wire.sent.length + 2);
          second.bridge.close();
        },
      ),
      { seed: 16, numRuns: 400 },
    );
  });

  it('may leave out the activity of a container, or send none', () => {
    for (const activity of [undefined, noActivity]) {
      const { wire, container, bridge } = client(1, []);
      wire.frame(0x30100101, 0n, { ContainerId: 'c1', ...(activity && { ActivityId: activity }) });
      expect(container.ended).toBe(1);
      bridge.close();
    }
  });
});
