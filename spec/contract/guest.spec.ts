import { randomUUID } from 'node:crypto';
import { connectGuest, type Guest, vsockSockets } from '../../src/hcs/guest/index.js';
import {
  cleanUpAfter,
  describeOnLinux,
  recordsDirectory,
  socketPath,
  startAgent,
} from '../agent/real-agent.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

describeOnLinux('containers of a guest agent fulfil the contract, over a real socket', () => {
  /** The agent of a test, by the id of its container. */
  const connections = new Map<string, { readonly guest: Guest; readonly again: () => Promise<Guest> }>();
  const connected = async (id: string, connect: () => Promise<Guest>): Promise<Guest> => {
    const guest = await connect();
    cleanUpAfter(() => guest.close());
    connections.set(id, { guest, again: connect });
    return guest;
  };

  contractUnderJest({
    system: async (spec) => {
      const [id, path, directory] = [randomUUID(), socketPath(), recordsDirectory()];
      startAgent(path, 60_000);
      const guest = await connected(id, async () =>
        connectGuest(vsockSockets(path), { records: { directory } }),
      );
      return guest.createContainer({ id, spec: { process: spec } });
    },
    successor: async ({ id }) => {
      const { guest, again } = connections.get(id)!;
      await guest.close();
      return (await connected(id, again)).registry!.system(id);
    },
    features: ['delete', 'terminal', 'endsWithInit', 'adopt'],
    skips: skips.guest,
  });
});
