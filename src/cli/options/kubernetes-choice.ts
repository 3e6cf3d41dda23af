/** `--kubernetes` and `--kubernetes-exec`: a pod of a cluster that the command runs in. */
import { badOption } from './usage.js';

/** A new pod of an image, or one that exists: POD or POD/CONTAINER. */
interface KubernetesChoice {
  readonly by: 'kubernetes';
  readonly image?: string;
  readonly container?: string;
  readonly options: Readonly<Record<string, unknown>>;
}

interface KubernetesChoiceOptions {
  readonly kubernetes?: string;
  readonly kubernetesExec?: string;
  readonly namespace?: string;
  readonly context?: string;
  readonly user?: string;
}

/** @throws CliError for options that have no meaning without a cluster, or in a pod. */
export const kubernetesOf = (given: KubernetesChoiceOptions): KubernetesChoice | undefined => {
  const { kubernetes: image, kubernetesExec: pod, namespace, context, user } = given;
  if (image === undefined && pod === undefined) {
    const alone = namespace !== undefined ? '--namespace' : context !== undefined && '--context';
    if (alone)
      throw badOption(alone, namespace ?? context ?? '', '--kubernetes or --kubernetes-exec as well');
    return undefined;
  }
  if (namespace !== undefined && !isLabel(namespace))
    throw badOption('--namespace', namespace, 'the name of a namespace');
  if (context === '') throw badOption('--context', context, 'a context of the kubeconfig');
  const options = {
    ...(namespace !== undefined && { namespace }),
    ...(context !== undefined && { context }),
  };
  if (image !== undefined) {
    if (image === '') throw badOption('--kubernetes', image, 'the name of an image');
    if (user !== undefined && !/^\d+(:\d+)?$/.test(user))
      throw badOption('--user', user, 'UID or UID:GID with --kubernetes: a pod takes no names');
    return { by: 'kubernetes', image, options };
  }
  const [name = '', container, ...more] = (pod as string).split('/');
  if (
    !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name) ||
    more.length > 0 ||
    !isLabel(container ?? name[0] ?? '')
  )
    throw badOption('--kubernetes-exec', pod as string, 'POD or POD/CONTAINER');
  if (user !== undefined)
    throw badOption('--user', user, 'none with --kubernetes-exec: the command has the user of its container');
  return { by: 'kubernetes', container: pod as string, options };
};

const isLabel = (text: string): boolean => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
