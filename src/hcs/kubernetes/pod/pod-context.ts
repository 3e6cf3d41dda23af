/** The state that the parts of one pod share. Only the engine creates it; nothing of it is public. */
import { AsyncSubject, ReplaySubject, Subject } from 'rxjs';
import type { SystemExit } from '../../contract/compute-system.js';
import type { Cluster } from '../api/cluster.js';
import type { PodSpec } from '../pods/api-pod.js';
import type { ContainerRun, PodFacts } from '../pods/pod-facts.js';

export interface PodContext {
  readonly cluster: Cluster;
  readonly name: string;
  /** Known once the configuration of the cluster has been read. */
  namespace: string;
  /** The container whose process is the init. */
  container: string;
  uid: string | undefined;
  /** Whether the container sees the processes of others, so that its first one is not its process 1. */
  sharesPids: boolean;
  /** The pid of its first process, as the container numbers it; 0 until that is known. */
  initPid: number;
  phase: 'new' | 'creating' | 'running' | 'ended';
  /** It is to end, whatever becomes of what is in progress. */
  ending: boolean;
  facts: PodFacts | undefined;
  /** The signals that this program has sent to its first process. */
  readonly sent: Set<number>;
  /** Emits once its process runs, or has run; also to late subscribers. */
  readonly running$: AsyncSubject<void>;
  readonly exit$: AsyncSubject<SystemExit>;
  readonly oom$: Subject<void>;
  /** Each end of the container, restarts included. */
  readonly runs$: Subject<ContainerRun>;
  readonly gaps$: ReplaySubject<OutputGap>;
  readonly closed$: ReplaySubject<void>;
  isClosed: boolean;
  /** Whether the image has a shell, once that was found out. */
  hasShell: boolean | undefined;
  /** Execs whose end is confirmed, and whose record in the container is not needed any more. */
  readonly settledExecs: string[];
  /** Execs that have not ended. Their exits come before that of the pod. */
  readonly execs: Set<Promise<unknown>>;
}

/** Output that was written and has not been seen. */
export interface OutputGap {
  readonly reason: 'reconnected' | 'rotated' | 'attachLost';
  /** Whether something is known to be missing, or may be. */
  readonly certain: boolean;
  /** The time of the last line before it, if known: RFC 3339. */
  readonly after: string | undefined;
}

export const newPodContext = (
  cluster: Cluster,
  name: string,
  namespace: string,
  container: string,
): PodContext => new Context(cluster, name, namespace, container);

/** What few pods need is made when it is asked for: there may be ten thousand of them. */
class Context implements PodContext {
  uid: string | undefined = undefined;
  sharesPids = false;
  initPid = 0;
  phase: PodContext['phase'] = 'new';
  ending = false;
  facts: PodFacts | undefined = undefined;
  isClosed = false;
  hasShell: boolean | undefined = undefined;
  readonly running$ = new AsyncSubject<void>();
  readonly exit$ = new AsyncSubject<SystemExit>();
  #sent: Set<number> | undefined;
  #oom$: Subject<void> | undefined;
  #runs$: Subject<ContainerRun> | undefined;
  #gaps$: ReplaySubject<OutputGap> | undefined;
  #closed$: ReplaySubject<void> | undefined;
  #settledExecs: string[] | undefined;
  #execs: Set<Promise<unknown>> | undefined;

  readonly cluster: Cluster;
  readonly name: string;
  namespace: string;
  container: string;

  constructor(cluster: Cluster, name: string, namespace: string, container: string) {
    this.cluster = cluster;
    this.name = name;
    this.namespace = namespace;
    this.container = container;
  }

  get sent(): Set<number> {
    this.#sent ??= new Set();
    return this.#sent;
  }

  get oom$(): Subject<void> {
    this.#oom$ ??= new Subject();
    return this.#oom$;
  }

  get runs$(): Subject<ContainerRun> {
    this.#runs$ ??= new Subject();
    return this.#runs$;
  }

  get gaps$(): ReplaySubject<OutputGap> {
    this.#gaps$ ??= new ReplaySubject();
    return this.#gaps$;
  }

  get closed$(): ReplaySubject<void> {
    this.#closed$ ??= new ReplaySubject(1);
    return this.#closed$;
  }

  get settledExecs(): string[] {
    this.#settledExecs ??= [];
    return this.#settledExecs;
  }

  get execs(): Set<Promise<unknown>> {
    this.#execs ??= new Set();
    return this.#execs;
  }
}

/** Whether the containers of a pod see the processes of each other, or of the host. */
export const sharesPids = ({ shareProcessNamespace, hostPID }: PodSpec): boolean =>
  shareProcessNamespace === true || hostPID === true;

/** Its process runs, or has run. */
export const enter = (pod: PodContext): void => {
  if (pod.phase === 'creating') pod.phase = 'running';
  pod.running$.next();
  pod.running$.complete();
};

/** The system is gone. Later reasons are ignored. */
export const leave = (pod: PodContext, exit: SystemExit): void => {
  pod.phase = 'ended';
  pod.exit$.next(exit);
  pod.exit$.complete();
};

export const podPath = ({ namespace, name }: PodContext, part = ''): string =>
  `/api/v1/namespaces/${namespace}/pods/${name}${part}`;
