import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Containerd, openContainerd } from './containerd.js';

/** A containerd for the specs of one file. Containers that a spec leaves are removed after it. */
export const useContainerd = (env: NodeJS.ProcessEnv = {}): (() => Containerd) => {
  let containerd: Containerd | undefined;
  beforeAll(async () => {
    containerd = await openContainerd(env);
  });
  afterEach(() => containerd?.tidy());
  afterAll(() => containerd?.end());
  return () => containerd as Containerd;
};
