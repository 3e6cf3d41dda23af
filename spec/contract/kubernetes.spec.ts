import { type KubernetesPod, kubernetes, kubernetesRegistry } from '../../src/hcs/kubernetes/index.js';
import { onCluster } from '../hcs/kubernetes/on-cluster.js';
import { remoteContainer } from './features.js';
import { skips } from './skips.js';
import { contractUnderJest } from './under-jest.js';

onCluster('pods of a cluster fulfil the contract', ({ cluster, place }) => {
  contractUnderJest({
    system: ({ args = [], env = [], cwd = '/' }) =>
      kubernetes({
        ...place(),
        image: cluster().image,
        command: args,
        env: Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s, 2) as [string, string])),
        workdir: cwd,
        terminationGracePeriodSeconds: 2,
      }),
    features: [...remoteContainer, 'adopt'],
    successor: (system) => kubernetesRegistry(place()).system((system as KubernetesPod).podName),
    skips: skips.kubernetes,
  });
});
