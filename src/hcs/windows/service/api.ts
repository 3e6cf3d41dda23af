/**
 * The port to the Host Compute Service, implemented by its two libraries.
 *
 * Everything is cold and runs off the main thread. Errors carry the service's code and message; the caller adds which
 * system and process it was about. Handles are passed as resources.
 */
import type { Observable } from 'rxjs';
import type { Act } from '../../contract/compute-process.js';
import type { NotificationRegistry } from './notifications.js';
import type { Resource } from './resource.js';

/** A handle that is registered for notifications. */
export interface Watched extends Resource {
  readonly notifications: NotificationRegistry;
}

/** The pid, and kernel handles of the caller's pipe ends. 0 means that there is no such stream. */
export interface ProcessInfo {
  readonly pid: number;
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

export interface HcsApi {
  readonly name: 'vmcompute' | 'computecore';
  /** Emits when the system has been created. */
  createSystem(id: string, document: string): Observable<Watched>;
  openSystem(id: string): Observable<Watched>;
  /** Opens another handle to a system, without notifications. */
  reopenSystem(id: string): Observable<Resource>;
  /** Completes when the system runs. */
  startSystem(system: Watched): Act;
  shutdownSystem(system: Resource): Act;
  terminateSystem(system: Resource): Act;
  systemProperties(system: Resource, query: string): Observable<string>;
  createProcess(system: Resource, parameters: string): Observable<{ process: Watched; info: ProcessInfo }>;
  openProcess(system: Resource, pid: number): Observable<Resource>;
  /** The ProcessStatus document of a process that has exited. Empty if the service has none. */
  exitStatus(process: Resource, reported: string | undefined): Observable<string>;
  terminateProcess(process: Resource): Act;
  signalProcess(process: Resource, options: string): Act;
  modifyProcess(process: Resource, request: string): Act;
  /** Lists all systems. */
  enumerateSystems(query: string): Observable<string>;
}
