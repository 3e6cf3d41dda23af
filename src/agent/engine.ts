/**
 * The engine of an agent, given as two factories: it hosts the containers and processes that the host requests.
 */
import type { Observable } from 'rxjs';
import type { Act } from '../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../hcs/contract/compute-system.js';
import type { ContainerConfig, ModificationRequest } from '../hcs/guest/protocol/messages.js';

/** A requested container: its bundle and document as the host sent them. */
export interface ContainerRequest {
  readonly id: string;
  readonly config: ContainerConfig;
}

/** The engine by which the agent runs containers. */
export interface AgentEngine {
  /**
   * Creates a container and emits it, not yet started: the agent starts it together with its init. The init is
   * described by the document's `process`, unless the system has its own document (`initInDocument`).
   */
  container(request: ContainerRequest): Observable<ComputeSystem>;
  /** Creates a system for a single process that belongs to no container. */
  host(): ComputeSystem;
  /**
   * Changes the guest or one of its containers. By default it does nothing and succeeds. That suits an engine without
   * isolation: what would be mounted for a container is there already or of no use to it.
   */
  modify?(request: ModificationRequest, containerId: string | undefined): Act;
}
