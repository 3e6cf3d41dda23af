import { beforeAll, expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { dockerExec } from '../../src/hcs/docker/index.js';
import type { Task } from '../../src/index.js';
import { onEachDaemon, quickly } from '../hcs/docker/on-daemons.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

onEachDaemon(
  'a container that exists fulfils the contract',
  ({ task, daemon }) => {
    let one: Task | undefined;
    beforeAll(async () => {
      one = await task({ command: ['sleep', '10000'] });
    });
    contractUnderJest({
      system: () => dockerExec({ host: daemon().host, container: (one as Task).system.id }),
      features: ['tree', 'terminal', 'exitSignals', 'exitOrder', 'exitWithUnreadOutput'],
      skips: skips.dockerExec,
    });
    test('and runs on when all of this is over', async () => {
      const { init, system } = one as Task;
      expect(init.state).toBe('running');
      expect(await firstValueFrom(system.pids())).toEqual([init.pid]);
      await one?.[Symbol.asyncDispose]();
    });
  },
  quickly('podman'),
);
