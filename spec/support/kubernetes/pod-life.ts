/**
 * One pod of the stand-in, from its creation to its removal, with the events in the order of a real cluster: the
 * container's end is reported before the phase, and a forced deletion reports no end at all.
 */
import { randomUUID } from 'node:crypto';
import type {
  ApiContainerState,
  ApiPod,
  ApiPodStatus,
  ContainerSpec,
} from '../../../src/hcs/kubernetes/pods/api-pod.js';
import { ContainerLog } from './container-log.js';
import { type Container, type Program, type Running, startContainer, startProblem } from './runtime.js';

export interface Attached {
  output(channel: 1 | 2, bytes: Buffer): Promise<void>;
  ended(): void;
}

export interface PodLife {
  pod: ApiPod;
  readonly log: ContainerLog;
  readonly container: () => Container | undefined;
  readonly attached: Set<Attached>;
  /** Settles when its process has ended and all of its output was seen. */
  readonly isOver: () => boolean;
  delete(grace: number | undefined): void;
  /** Shows it as it is, with these fields of its status changed. */
  show(status: Partial<ApiPodStatus>): void;
  dispose(): Promise<void>;
}

export interface Kubelet {
  /** Sends a change to those who watch. */
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: ApiPod): ApiPod;
  removed(uid: string): void;
  /** Reports an event. */
  event(pod: ApiPod, reason: string, message: string): void;
  /** How long the end of a container takes to be reported, in milliseconds. */
  readonly relist: number;
  /** Whether the images have a shell. */
  readonly hasShell: boolean;
  /** Nothing is reported any more. */
  isDown(): boolean;
}

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

export const startPod = (given: ApiPod, kubelet: Kubelet): PodLife => {
  const { spec = {}, metadata = {} } = given;
  const main = spec.containers?.[0] as ContainerSpec;
  const grace = spec.terminationGracePeriodSeconds ?? 30;
  const log = new ContainerLog();
  const attached = new Set<Attached>();
  const uid = randomUUID();
  let container: Container | undefined;
  let over = false;
  let gone = false;
  let restarts = 0;
  let lastState: ApiContainerState = {};
  let kill: ReturnType<typeof setTimeout> | undefined;
  let pod: ApiPod = {
    ...given,
    metadata: { ...metadata, uid, creationTimestamp: now() },
    status: { phase: 'Pending' },
  };
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  const change = (status: Partial<ApiPodStatus>, meta: Partial<ApiPod['metadata']> = {}): void => {
    if (gone) return;
    pod = kubelet.changed('MODIFIED', {
      ...pod,
      metadata: { ...pod.metadata, ...meta },
      status: { ...pod.status, ...status },
    });
  };
  const remove = (): void => {
    if (gone) return;
    if ((pod.metadata?.finalizers?.length ?? 0) > 0) return;
    gone = true;
    kubelet.changed('DELETED', pod);
    kubelet.removed(uid);
  };
  const containerStatus = (state: ApiContainerState, id?: string) => ({
    containerStatuses: [
      {
        name: main.name ?? '',
        state,
        lastState,
        restartCount: restarts,
        ready: state.running !== undefined,
        ...(id && { containerID: id }),
      },
    ],
  });
  const waiting = (reason: string, message = ''): void => {
    change(containerStatus({ waiting: { reason, ...(message && { message }) } }));
    if (message !== '') kubelet.event(pod, 'Failed', message);
  };

  const program: Program = {
    argv: [...(main.command ?? []), ...(main.args ?? [])].map((word) => expanded(word, main)),
    env: [
      'PATH=/usr/local/bin:/usr/bin:/bin',
      ...(main.env ?? []).map(({ name, value = '' }) => `${name}=${expanded(value, main)}`),
    ],
    cwd: main.workingDir ?? '/',
    terminal: main.tty ?? false,
    stdin: main.stdin ?? false,
    sharesPids: spec.shareProcessNamespace ?? false,
  };

  const life = async (): Promise<void> => {
    await sleep(0);
    if (spec['nodeSelector'] !== undefined)
      return change({
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes are available',
          },
        ],
      });
    pod = { ...pod, spec: { ...spec, nodeName: 'node1' } };
    change({ conditions: [{ type: 'PodScheduled', status: 'True' }] });
    kubelet.event(pod, 'Scheduled', 'Successfully assigned it to node1');
    waiting('ContainerCreating');
    const { image = '' } = main;
    if (/[A-Z ]/.test(image)) return waiting('InvalidImageName', `couldn't parse image name "${image}"`);
    if (/\bmissing\b/.test(image)) {
      if (main['imagePullPolicy'] === 'Never')
        return waiting('ErrImageNeverPull', `Container image "${image}" is not present`);
      waiting('ErrImagePull', `failed to pull ${image}: not found`);
      return waiting('ImagePullBackOff', `Back-off pulling image "${image}"`);
    }
    if (main.env?.some((variable) => variable['valueFrom'] !== undefined))
      return waiting('CreateContainerConfigError', 'configmap "absent" not found');
    await run();
  };

  const run = async (): Promise<void> => {
    const id = `containerd://${randomUUID()}`;
    const problem = startProblem(program, kubelet.hasShell);
    if (problem !== undefined) {
      const message = `failed to create containerd task: OCI runtime create failed: runc create failed: unable to start container process: ${problem}`;
      const state = {
        terminated: {
          exitCode: 128,
          reason: 'StartError',
          message,
          startedAt: '1970-01-01T00:00:00Z',
          finishedAt: now(),
          containerID: id,
        },
      };
      over = true;
      change(containerStatus(state, id));
      await sleep(kubelet.relist);
      return change({ phase: 'Failed' });
    }
    const startedAt = now();
    const started = await startContainer(program);
    container = started;
    const output = Promise.all([copy(started.main, 1), ...(program.terminal ? [] : [copy(started.main, 2)])]);
    if (!kubelet.isDown())
      change({ phase: 'Running', startTime: startedAt, ...containerStatus({ running: { startedAt } }, id) });
    kubelet.event(pod, 'Started', `Started container ${main.name}`);
    const exitCode = await started.main.exit;
    await output;
    for (const one of attached) one.ended();
    await sleep(kubelet.relist);
    while (kubelet.isDown() && !gone) await sleep(5);
    over = true;
    log.end();
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const terminated = { exitCode, reason, startedAt, finishedAt: now(), containerID: id };
    change(containerStatus({ terminated }, id));
    const policy = spec.restartPolicy ?? 'Always';
    const isDeleted = pod.metadata?.deletionTimestamp !== undefined;
    if (!isDeleted && (policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0))) {
      restarts += 1;
      lastState = { terminated };
      over = false;
      log.begin();
      return run();
    }
    if (isDeleted) {
      clearTimeout(kill);
      change({}, { deletionGracePeriodSeconds: 0 });
      return remove();
    }
    await sleep(kubelet.relist);
    change({ phase: exitCode === 0 ? 'Succeeded' : 'Failed' });
  };

  const copy = async ({ process }: Running, channel: 1 | 2): Promise<void> => {
    const source = channel === 1 ? process.stdio.stdout : process.stdio.stderr;
    for await (const chunk of source ?? []) {
      const bytes = Buffer.from(chunk as Uint8Array);
      log.write(bytes);
      await Promise.all([...attached].map((one) => one.output(channel, bytes)));
    }
  };

  pod = kubelet.changed('ADDED', pod);
  void life();

  return {
    get pod() {
      return pod;
    },
    set pod(changed) {
      pod = changed;
      if (pod.metadata?.deletionTimestamp !== undefined && (over || container === undefined)) remove();
    },
    log,
    container: () => (over ? undefined : container),
    attached,
    isOver: () => over,
    delete: (asked) => {
      const seconds = asked ?? grace;
      const deletionTimestamp = new Date(Date.now() + seconds * 1_000).toISOString();
      if (seconds === 0 || container === undefined || over) {
        pod = {
          ...pod,
          metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: seconds },
        };
        if (seconds === 0) setTimeout(() => container?.main.kill(9), 200);
        return remove();
      }
      const isFirst = pod.metadata?.deletionTimestamp === undefined;
      change({}, { deletionTimestamp, deletionGracePeriodSeconds: seconds });
      // A second deletion changes the fields, but not the kill.
      if (!isFirst) return;
      container.main.kill(15);
      kill = setTimeout(() => container?.main.kill(9), seconds * 1_000);
    },
    show: change,
    dispose: async () => {
      gone = true;
      clearTimeout(kill);
      await container?.remove();
    },
  };
};

/** `$(NAME)` and `$$`, as a cluster replaces them. */
const expanded = (word: string, { env = [] }: ContainerSpec): string =>
  word.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (found === '$$') return '$';
    return env.find((each) => each.name === name)?.value ?? found;
  });
