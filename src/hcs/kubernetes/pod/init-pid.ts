/** The pid of a container's first process, as the container numbers it. */
import { findInit } from '../../in-container/own-processes.js';
import { runInside } from '../exec/run-inside.js';
import type { PodContext } from './pod-context.js';

/**
 * Looks for the pid where it is not 1, since the container sees the processes of others. It stays 0, for not known, where
 * the container cannot be asked.
 */
export const numberInit = async (pod: PodContext): Promise<void> => {
  if (!pod.sharesPids) {
    pod.initPid = 1;
    return;
  }
  const found = await runInside(pod, `${findInit}echo "$init"`).catch(() => undefined);
  pod.initPid = Number(found?.output.trim() || 0);
};
