/** The answer of `Stats`: the kernel's counters of a container, in the message for the cgroups' version. */
import type { RuncStats } from '../../hcs/runc/index.js';
import { type Any, cgroups1, cgroups2, pack } from '../messages/index.js';

export const packStats = (stats: RuncStats): Any =>
  stats.version === 1
    ? pack(cgroups1.Metrics, cgroups1.Metrics.create(stats.metrics))
    : pack(cgroups2.Metrics, cgroups2.Metrics.create(stats.metrics));
