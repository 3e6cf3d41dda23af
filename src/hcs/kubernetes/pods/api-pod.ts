/** The parts of the API's own documents that rxshim reads and writes. */

export interface ApiPod {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ApiMetadata;
  readonly spec?: PodSpec;
  readonly status?: ApiPodStatus;
}

export interface ApiMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** An object whose removal removes the pod. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** A pod's specification, as the API has it. Fields beside these are passed through. */
export interface PodSpec {
  readonly containers?: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly restartPolicy?: 'Never' | 'OnFailure' | 'Always';
  readonly terminationGracePeriodSeconds?: number;
  readonly shareProcessNamespace?: boolean;
  readonly hostPID?: boolean;
  readonly nodeName?: string;
  readonly [field: string]: unknown;
}

/** A container of a pod, as the API has it. Fields beside these are passed through. */
export interface ContainerSpec {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly [field: string]: unknown;
  }[];
  readonly workingDir?: string;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  readonly [field: string]: unknown;
}

export interface ApiPodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly startTime?: string;
  readonly conditions?: readonly ApiCondition[];
  readonly containerStatuses?: readonly ApiContainerStatus[];
  readonly initContainerStatuses?: readonly ApiContainerStatus[];
}

export interface ApiCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface ApiContainerStatus {
  readonly name: string;
  readonly state?: ApiContainerState;
  readonly lastState?: ApiContainerState;
  readonly restartCount?: number;
  readonly containerID?: string;
  readonly ready?: boolean;
}

export interface ApiContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: ApiTerminated;
}

export interface ApiTerminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly containerID?: string;
}
