import { afterAll, beforeAll } from '@jest/globals';
import { type KubernetesPod, kubernetes, kubernetesRegistry } from '../../src/hcs/kubernetes/index.js';
import { type StandIn, startStandIn } from '../support/kubernetes/stand-in.js';
import { lackAsRoot } from '../support/lacks.js';
import { describeWith } from '../support/needs.js';
import { remoteContainer } from './features.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

describeWith(lackAsRoot('unshare', 'nsenter'))('pods of a stand-in cluster fulfil the contract', () => {
  let standIn: StandIn | undefined;
  beforeAll(async () => {
    standIn = await startStandIn();
  });
  afterAll(() => standIn?.close());

  contractUnderJest({
    system: ({ args = [], env = [], cwd = '/' }) =>
      kubernetes({
        server: standIn?.server ?? '',
        image: 'busybox',
        command: args,
        env: Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s, 2) as [string, string])),
        workdir: cwd,
        terminationGracePeriodSeconds: 2,
      }),
    features: [...remoteContainer, 'adopt'],
    successor: (system) =>
      kubernetesRegistry({ server: standIn?.server ?? '' }).system((system as KubernetesPod).podName),
    skips: skips.kubernetes,
  });
});
