/** The options of a pod, and their defaults. */
import { randomUUID } from 'node:crypto';
import { ownershipLabel, ownershipLabels } from '../../contract/ownership.js';
import { invalid } from '../../failures/errors.js';
import { requireKnown } from '../../failures/refuse-unknown.js';
import { thisProgram } from '../../native/process/program-identity.js';
import { type Cluster, clusterOf, clusterOptionNames, requireName, requirePodName } from '../api/cluster.js';
import type { ClusterOptions } from '../api/cluster-options.js';
import type { ApiMetadata, ContainerSpec, OwnerReference, PodSpec } from '../pods/api-pod.js';

/** A pod to be created, from an image or a whole specification. */
export interface KubernetesOptions extends ClusterOptions {
  /** The image of its container. Either this or `podSpec`. */
  readonly image?: string;
  /** A whole specification, as the API has it. `container` names the one whose process is the task's. */
  readonly podSpec?: PodSpec;
  /** The container of `podSpec` whose process is the task's. Default: the first. */
  readonly container?: string;
  /** Default: that of the kubeconfig's context, or `default`. */
  readonly namespace?: string;
  /** The name of the pod. Default: one that no other has. */
  readonly name?: string;
  /** Replaces the image's command and arguments. A description of the task's init replaces it. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Objects whose removal removes the pod: the pod or Job that this program runs in. */
  readonly ownerReferences?: readonly OwnerReference[];
  /** Requests and limits: `{ cpu: '500m', memory: '256Mi' }`. */
  readonly resources?: { readonly requests?: Resources; readonly limits?: Resources };
  readonly pullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  readonly serviceAccount?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** How long the pod may take to end when it is asked to, in seconds. Default: 30. */
  readonly terminationGracePeriodSeconds?: number;
  /** How long a pod may take until its process runs, in milliseconds. Default: 120000. */
  readonly startTimeout?: number;
  /** How long a deletion may last beyond its grace before the exit counts as lost, in milliseconds. Default: 60000. */
  readonly stuckTimeout?: number;
  /**
   * How the init's output is read. `logs`: from the first byte, over lost connections, stdout and stderr together as
   * stdout. `attach`: apart, and not any more after a lost connection; the process is held until it is attached, which
   * needs a shell of the image. Default: `attach` where stdin or a terminal is wanted or stderr is apart, else `logs`.
   */
  readonly output?: 'logs' | 'attach';
  /** Marks the pod as this program's, so that another run of it can find what is left of this one. */
  readonly owner?: string;
  /** This run of the program, with `owner`. Default: one that no other has. */
  readonly run?: string;
  /**
   * Milliseconds from its creation after which `reap` removes it, whether its program runs or not; one whose program has
   * certainly ended is removed in any case. It does not end by itself. Default: none.
   */
  readonly lifetime?: number;
}

type Resources = Readonly<Record<string, string>>;

export interface PodSettings {
  readonly cluster: Cluster;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly container: string;
  readonly spec: PodSpec;
  readonly metadata: ApiMetadata;
  readonly selector: string;
  readonly startTimeout: number;
  readonly stuckTimeout: number;
  readonly output: 'logs' | 'attach' | undefined;
}

/** The labels that rxshim gives to its pods. */
export const podLabels = {
  managedBy: 'app.kubernetes.io/managed-by',
  ...ownershipLabel,
} as const;

/** Annotations: values that a label cannot hold, or that no selector needs. */
export const podAnnotations = {
  program: 'io.rxshim.program',
  /** The container whose process is the task's. */
  container: 'io.rxshim.container',
} as const;

/** Differs from run to run of a program. */
export const thisRun = randomUUID();

const own = [
  'image',
  'podSpec',
  'container',
  'namespace',
  'name',
  'command',
  'env',
  'workdir',
  'labels',
  'annotations',
  'ownerReferences',
  'resources',
  'pullPolicy',
  'serviceAccount',
  'nodeSelector',
  'terminationGracePeriodSeconds',
  'startTimeout',
  'stuckTimeout',
  'output',
  'owner',
  'run',
  'lifetime',
] as const;

/** @throws RxshimError `invalidArgument` for an option of the wrong type or one that there is not. */
export const resolveOptions = (options: KubernetesOptions): PodSettings => {
  const known: readonly string[] = [...own, ...clusterOptionNames];
  requireKnown('', options, known);
  if (options.resources !== undefined) requireKnown('resources', options.resources, ['requests', 'limits']);
  const { image, podSpec, owner, output, namespace } = options;
  if ((image === undefined) === (podSpec === undefined))
    throw invalid('image', image, 'either an image or a podSpec');
  if (image !== undefined && (typeof image !== 'string' || image === '' || /\s/.test(image)))
    throw invalid('image', image, 'the name of an image');
  if (output !== undefined && output !== 'logs' && output !== 'attach')
    throw invalid('output', output, 'logs or attach');
  requireLabelValue('owner', owner);
  requireLabelValue('run', options.run);
  const { lifetime } = options;
  if (lifetime !== undefined && !(typeof lifetime === 'number' && lifetime > 0))
    throw invalid('lifetime', lifetime, 'milliseconds');
  const name = requirePodName('name', options.name ?? `rxshim-${randomUUID()}`);
  const spec = image === undefined ? checkedSpec(podSpec) : specOf(options);
  const containers = spec.containers as readonly ContainerSpec[];
  const container = options.container ?? containers[0]?.name ?? '';
  if (!containers.some((each) => each.name === container))
    throw invalid('container', container, `one of ${containers.map((each) => each.name).join(', ')}`);
  return {
    cluster: clusterOf(options),
    namespace: namespace === undefined ? undefined : requireName('namespace', namespace),
    name,
    container,
    spec,
    metadata: metadataOf(options, name, container),
    selector:
      owner === undefined ? `${podLabels.run}=${options.run ?? thisRun}` : `${podLabels.owner}=${owner}`,
    startTimeout: milliseconds('startTimeout', options.startTimeout, 120_000),
    stuckTimeout: milliseconds('stuckTimeout', options.stuckTimeout, 60_000),
    output,
  };
};

const requireLabelValue = (field: string, value: unknown): void => {
  if (
    value !== undefined &&
    !(typeof value === 'string' && /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(value))
  )
    throw invalid(field, value, 'a label value: at most 63 letters, digits and - _ .');
};

const milliseconds = (field: string, value: unknown, byDefault: number): number => {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) return value;
  throw invalid(field, value, 'milliseconds');
};

const checkedSpec = (spec: PodSpec | undefined): PodSpec => {
  const { containers } = spec ?? {};
  if (!Array.isArray(containers) || containers.length === 0)
    throw invalid('podSpec.containers', containers, 'at least one container');
  containers.forEach((container: ContainerSpec, at) =>
    requireName(`podSpec.containers[${at}].name`, container.name),
  );
  return { restartPolicy: 'Never', ...spec };
};

const specOf = (options: KubernetesOptions): PodSpec => {
  const { image = '', command, env, workdir, resources, pullPolicy, serviceAccount, nodeSelector } = options;
  const { terminationGracePeriodSeconds: grace } = options;
  if (grace !== undefined && !(Number.isInteger(grace) && grace >= 1))
    throw invalid('terminationGracePeriodSeconds', grace, 'whole seconds, at least 1');
  return {
    restartPolicy: 'Never',
    // A process that does not ask the API needs no token for it.
    ...(serviceAccount === undefined
      ? { automountServiceAccountToken: false }
      : { serviceAccountName: text('serviceAccount', serviceAccount) }),
    ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
    ...(nodeSelector !== undefined && { nodeSelector: textMap('nodeSelector', nodeSelector) }),
    containers: [
      {
        name: 'main',
        image,
        ...(command !== undefined && { command: texts('command', command).map(escaped) }),
        ...(env !== undefined && {
          env: Object.entries(textMap('env', env)).map(([name, value]) => ({ name, value: escaped(value) })),
        }),
        ...(workdir !== undefined && { workingDir: text('workdir', workdir) }),
        ...(resources !== undefined && { resources }),
        ...(pullPolicy !== undefined && { imagePullPolicy: pullPolicy }),
      },
    ],
  };
};

const metadataOf = (options: KubernetesOptions, name: string, container: string): ApiMetadata => {
  const { labels = {}, annotations = {}, ownerReferences, owner, run = thisRun, lifetime } = options;
  const program = thisProgram();
  const expiresAt = lifetime === undefined ? undefined : Date.now() + Math.ceil(lifetime);
  return {
    name,
    labels: {
      ...textMap('labels', labels),
      [podLabels.managedBy]: 'rxshim',
      [podLabels.run]: run,
      ...(owner !== undefined &&
        ownershipLabels({ owner, run, ...(expiresAt !== undefined && { expiresAt }) })),
    },
    annotations: {
      [podAnnotations.container]: container,
      ...(program !== undefined && { [podAnnotations.program]: program }),
      ...textMap('annotations', annotations),
    },
    ...(ownerReferences !== undefined && { ownerReferences }),
  };
};

/** A cluster replaces `$(NAME)` and `$$` in commands and variables: each `$` is doubled to arrive as it is. */
export const escaped = (word: string): string => word.replaceAll('$', '$$$$');

const text = (field: string, value: unknown): string => {
  if (typeof value === 'string') return value;
  throw invalid(field, value, 'text');
};

const texts = (field: string, values: unknown): readonly string[] => {
  if (!Array.isArray(values) || values.length === 0) throw invalid(field, values, 'a list of texts');
  return values.map((value, at) => text(`${field}[${at}]`, value));
};

const textMap = (field: string, value: unknown): Readonly<Record<string, string>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(field, value, 'names with texts');
  for (const [name, each] of Object.entries(value)) text(`${field}.${name}`, each);
  return value as Readonly<Record<string, string>>;
};
