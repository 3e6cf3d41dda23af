/** What `Stats` answers: the readings of a container's cgroup, as containerd names their form. */
import { type Any, cgroups1, cgroups2, pack } from '../messages/index.js';
export const packStats = (stats: unknown): Any => pack(cgroups1.Metrics, stats as never);
