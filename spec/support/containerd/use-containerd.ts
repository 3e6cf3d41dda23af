import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Containerd, openContainerd } from './containerd.js';

/** The first may find that the shim is yet to be built. */
const buildTime = 300_000;

/** A containerd for the specs of one file. Containers that a spec leaves are removed after it. */
export const useContainerd = (env: NodeJS.ProcessEnv = {}): (() => Containerd) => {
  let containerd: Containerd | undefined;
  beforeAll(async () => {
    containerd = await openContainerd(env);
  }, buildTime);
  afterEach(() => containerd?.tidy());
  afterAll(() => containerd?.end());
  return () => containerd as Containerd;
};
