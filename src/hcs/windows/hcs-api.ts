/**
 * What the engine asks of the Host Compute Service, whichever of its two libraries answers.
 *
 * Everything is cold, runs off the main thread, and errors with what the service said, without a place: which system and
 * process it was about is known above. Handles travel as resources.
 */
import type { Observable } from 'rxjs';
import type { Act } from '../contract/compute-process.js';
import type { NoticeBoard } from './notices.js';
import type { Resource } from './resource.js';

/** A handle that one can listen at. */
export interface Watched extends Resource {
  readonly notices: NoticeBoard;
}

/** Kernel handles of the caller's ends; 0 for a stream that there is none of. */
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
  /** Another handle to a system, at which nobody listens. */
  reopenSystem(id: string): Observable<Resource>;
  /** Completes when the system runs. */
  startSystem(system: Watched): Act;
  shutdownSystem(system: Resource): Act;
  terminateSystem(system: Resource): Act;
  systemProperties(system: Resource, query: string): Observable<string>;
  createProcess(system: Resource, parameters: string): Observable<{ process: Watched; info: ProcessInfo }>;
  openProcess(system: Resource, pid: number): Observable<Resource>;
  /** The ProcessStatus document of a process that has told its exit; empty where the service has none. */
  exitStatus(process: Resource, told: string | undefined): Observable<string>;
  terminateProcess(process: Resource): Act;
  signalProcess(process: Resource, options: string): Act;
  modifyProcess(process: Resource, request: string): Act;
  /** All systems, as the service lists them. */
  enumerateSystems(query: string): Observable<string>;
}
