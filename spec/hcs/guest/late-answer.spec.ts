/** The case of the reference: an answer of the first connection arrives on the second. */
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { connectGuest } from '../../../src/hcs/guest/index.js';
import { memoryTransport } from '../../../tools/vectors/memory-transport.js';
import { RediallingAgent } from './redialling-agent.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('an agent that keeps its processes and connects again', () => {
  it('does not end a process of the second connection with the exit of one of the first', async () => {
    const agent = new RediallingAgent();
    const first = await connectGuest(memoryTransport(agent.connect()));
    const old = await firstValueFrom(first.host.createProcess({ CommandArgs: ['sh', '-c', 'exit 5'] }));
    const lost = firstValueFrom(old.exit$);
    const strays: string[] = [];
    agent.disconnect();
    await expect(lost).rejects.toThrow('the bridge to the guest was ended by the guest');

    const second = await connectGuest(memoryTransport(agent.connect()), {
      onStray: (what) => strays.push(what),
    });
    const current = await firstValueFrom(second.host.createProcess({ CommandArgs: ['sleep', '15'] }));
    let exit: unknown;
    let end: unknown;
    current.exit$.subscribe({ next: (value) => (exit = value), error: (error) => (exit = error) });
    second.end$.subscribe((value) => (end = value));
    await turn();
    agent.exit(old.pid, 5);
    await turn();
    expect({ exit, end }).toEqual({ exit: undefined, end: undefined });
    expect(strays).toEqual([expect.stringMatching(/^an answer to request \d+ of another connection$/)]);
    agent.exit(current.pid, 0);
    await turn();
    expect(exit).toMatchObject({ kind: 'exited', code: 0 });
  });

  it('ends no container of the second connection with the end of one of the first that had the same id', async () => {
    const agent = new RediallingAgent();
    const spec = { process: { args: ['true'] } };
    const first = await connectGuest(memoryTransport(agent.connect()));
    const old = await first.createContainer({ id: 'c1', spec });
    const init = await firstValueFrom(old.createProcess({}));
    init.exit$.subscribe({ error: () => undefined });
    await turn();
    agent.disconnect();
    agent.exit(init.pid, 5);
    expect(agent.idle).toBe(false);

    const strays: string[] = [];
    const second = await connectGuest(memoryTransport(agent.connect()), {
      onStray: (what) => strays.push(what),
    });
    await turn();
    expect(strays).toHaveLength(2);
    agent.containers.delete('c1');
    const current = await second.createContainer({ id: 'c1', spec });
    let ended: unknown;
    current.exit$.subscribe((exit) => (ended = exit));
    const again = await firstValueFrom(current.createProcess({}));
    await turn();
    expect(ended).toBeUndefined();
    agent.exit(again.pid, 0);
    await turn();
    expect(ended).toEqual({ reason: 'ended' });
  });
});
