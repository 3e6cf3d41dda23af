import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { openShimHost, type ShimHost } from './shim-host.js';

/** A host for the specs of one file. Each spec's containers are removed after it. */
export const useShimHost = (env: NodeJS.ProcessEnv = {}): (() => ShimHost) => {
  let host: ShimHost | undefined;
  beforeAll(async () => {
    host = await openShimHost(env);
  });
  afterEach(() => host?.tidy());
  afterAll(() => host?.end());
  return () => host as ShimHost;
};
