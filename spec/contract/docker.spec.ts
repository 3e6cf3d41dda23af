import { type DockerContainer, dockerRegistry } from '../../src/hcs/docker/index.js';
import { isFull, type OnDaemon, onEachDaemon, onEachRootlessDaemon } from '../hcs/docker/on-daemons.js';
import { remoteContainer } from './features.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

const contract = ({ container, daemon }: OnDaemon): void =>
  contractUnderJest({
    system: ({ args = [], env = [], cwd }) =>
      container({ Entrypoint: args.slice(0, 1), Cmd: args.slice(1), Env: [...env], WorkingDir: cwd ?? '/' }),
    features: [...remoteContainer, 'adopt'],
    successor: (system) =>
      dockerRegistry({ host: daemon().host }).system((system as DockerContainer).containerId ?? ''),
    skips: skips.docker,
  });

onEachDaemon('containers of a daemon fulfil the contract', contract);
if (isFull) onEachRootlessDaemon('containers of a rootless daemon fulfil the contract', contract);
