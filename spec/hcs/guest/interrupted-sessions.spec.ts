/**
 * Sessions with execs whose agent is killed, stopped for a while or disconnected at every step: no process gets an exit
 * that is not its own. The agent is a stand-in for the newest one, which answers old requests on new connections.
 */
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import { connectGuest, type Guest } from '../../../src/hcs/guest/index.js';
import { memoryTransport } from '../../../tools/vectors/memory-transport.js';
import { RediallingAgent } from './redialling-agent.js';

type Fault = 'killed' | 'stopped' | 'disconnected';
const faults: readonly Fault[] = ['killed', 'stopped', 'disconnected'];

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A number below `limit`, the same for the same seed. */
const randomOf = (seed: number) => {
  let state = seed * 2_654_435_761 + 1;
  return (limit: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % limit;
  };
};

interface Watched {
  readonly pid: number;
  readonly agent: RediallingAgent;
  /** The code that the agent ended it with. */
  ended?: number;
  outcome?: { readonly code: number } | 'lost';
}

/** Runs one session with a fault at each of some steps. Returns what it has seen. */
const session = async (seed: number) => {
  const random = randomOf(seed);
  const watched: Watched[] = [];
  const strays: string[] = [];
  let agent = new RediallingAgent();
  let connections = 0;
  const connect = (): Promise<Guest> => {
    connections += 1;
    const transport = memoryTransport(agent.connect());
    return Promise.resolve(connectGuest(transport, { onStray: (what) => strays.push(what) }));
  };
  let guest = await connect();
  let container = await guest.createContainer({ id: `c${connections}`, spec: {} });
  let hasInit = false;

  const watch = (process: ComputeProcess): void => {
    const one: Watched = { pid: process.pid, agent };
    watched.push(one);
    process.exit$.subscribe({
      next: (exit) => (one.outcome = exit.kind === 'exited' ? { code: exit.code } : 'lost'),
      error: () => (one.outcome = 'lost'),
    });
  };
  const step = async (): Promise<void> => {
    const running = watched.filter((one) => one.agent === agent && one.ended === undefined);
    const choice = random(3);
    if (choice > 0 && running.length > 0 && running.length + choice > 3) {
      const one = running[random(running.length)]!;
      one.ended = random(250);
      agent.exit(one.pid, one.ended);
      return;
    }
    const system = hasInit && choice === 0 ? guest.host : container;
    const parameters = system === container && hasInit ? { OciProcess: { args: ['x'] } } : {};
    hasInit = true;
    // The agent may be lost while it creates it.
    await firstValueFrom(system.createProcess(parameters)).then(watch, () => undefined);
  };
  const interrupt = async (fault: Fault): Promise<void> => {
    if (fault === 'stopped') {
      agent.stop();
      const pending = step();
      for (let turns = random(4); turns > 0; turns -= 1) await turn();
      agent.continue();
      return pending;
    }
    const pending = random(2) === 0 ? step() : undefined;
    agent.disconnect();
    if (fault === 'killed') agent = new RediallingAgent();
    await pending;
    // Processes end also while there is no connection.
    const orphan = watched.find((one) => one.agent === agent && one.ended === undefined);
    if (orphan !== undefined && random(2) === 0) {
      orphan.ended = random(250);
      agent.exit(orphan.pid, orphan.ended);
    }
    guest = await connect();
    container = await guest.createContainer({ id: `c${connections}`, spec: {} });
    hasInit = false;
  };

  for (let n = 0; n < 12; n += 1) {
    if (random(3) === 0) await interrupt(faults[random(3)]!);
    else await step();
    if (random(2) === 0) await turn();
  }
  for (const one of watched) {
    if (one.ended === undefined && one.agent === agent) {
      one.ended = random(250);
      agent.exit(one.pid, one.ended);
    }
  }
  await turn();
  let end: unknown;
  guest.end$.subscribe((how) => (end = how));
  const before = end;
  await guest.close();
  return { watched, strays, connections, before };
};

/** A tenth by default; `RXSHIM_SESSIONS=1000` for all. */
const sessions = Number(process.env['RXSHIM_SESSIONS'] ?? 100);

describe('interrupted sessions', () => {
  it('give every process its own exit, or none', async () => {
    const seen = { exits: 0, lost: 0, strays: 0, connections: 0 };
    for (let seed = 1; seed <= sessions; seed += 1) {
      const { watched, strays, connections, before } = await session(seed);
      // A message of an earlier connection does not end a later one.
      expect({ seed, before }).toEqual({ seed, before: undefined });
      for (const { outcome, ended, pid } of watched) {
        expect({ seed, pid, settled: outcome !== undefined }).toEqual({ seed, pid, settled: true });
        if (outcome === 'lost' || outcome === undefined) seen.lost += 1;
        else {
          expect({ seed, pid, code: outcome.code }).toEqual({ seed, pid, code: ended });
          seen.exits += 1;
        }
      }
      seen.strays += strays.length;
      seen.connections += connections;
    }
    // The faults have happened, and old answers have arrived on later connections.
    expect(seen.connections).toBeGreaterThan(2 * sessions);
    expect(seen.strays).toBeGreaterThan(sessions / 2);
    expect(seen.exits).toBeGreaterThan(sessions);
    expect(seen.lost).toBeGreaterThan(sessions / 2);
    if (process.env['RXSHIM_FIGURES']) process.stderr.write(`${JSON.stringify(seen)}\n`);
  });
});
