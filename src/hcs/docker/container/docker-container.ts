/** What a container of a daemon offers beyond any compute system. */
import type { Observable } from 'rxjs';
import type { ComputeSystem } from '../../contract/compute-system.js';

/** A container of Docker or Podman. */
export interface DockerContainer extends ComputeSystem {
  /** The daemon's id, once the container exists. */
  readonly containerId: string | undefined;
  /** Emits when the kernel has ended its first process, or one beside it, for want of memory. */
  readonly oom$: Observable<void>;
}
