/**
 * The resources that a pod's container uses, as the metrics API of the cluster has it (metrics-server, usually once in 15 seconds).
 *
 * The invariant: each measurement is emitted once. A cluster without that API is an error of kind `notImplemented`.
 */
import { defer, distinctUntilChanged, filter, type Observable, repeat, takeUntil } from 'rxjs';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { statusIn } from '../api/api-error.js';
import { call } from '../api/request.js';
import type { PodContext } from '../pod/pod-context.js';

/** The resources that a container used at one time. */
export interface PodStats {
  readonly at: Date;
  /** Processors in use: 1.5 is one and a half. */
  readonly load: number;
  /** Its working set, in bytes. */
  readonly memory: number;
}

interface PodMetrics {
  readonly timestamp?: string;
  readonly containers?: readonly {
    readonly name: string;
    readonly usage?: { readonly cpu?: string; readonly memory?: string };
  }[];
}

export const podStats = (pod: PodContext): Observable<PodStats> =>
  defer(() => measured(pod)).pipe(
    repeat({ delay: interval }),
    filter((stats): stats is PodStats => stats !== undefined),
    distinctUntilChanged((a, b) => a.at.getTime() === b.at.getTime()),
    takeUntil(pod.exit$),
  );

/** In milliseconds. */
const interval = 5_000;

/** `undefined` for a pod that was not measured yet. */
const measured = async (pod: PodContext): Promise<PodStats | undefined> => {
  const what = `measure pod ${pod.name}`;
  try {
    const { timestamp = '', containers = [] } = await call<PodMetrics>(pod.cluster, {
      path: `/apis/metrics.k8s.io/v1beta1/namespaces/${pod.namespace}/pods/${pod.name}`,
      what,
      needs: 'get on pods of metrics.k8s.io',
    });
    const usage = containers.find(({ name }) => name === pod.container)?.usage;
    const at = new Date(timestamp);
    if (usage === undefined || Number.isNaN(at.getTime())) return undefined;
    return { at, load: quantity(usage.cpu), memory: quantity(usage.memory) };
  } catch (error) {
    if (statusIn(error) !== 404) throw error;
    // That of a pod which has not been measured names it.
    if (messageOf(error).includes(`"${pod.name}"`)) return undefined;
    throw new RxshimError('notImplemented', `${what}: the cluster has no metrics API`, { cause: error });
  }
};

/** A number with a suffix: `250m`, `12345n`, `64Mi`. */
const quantity = (text = '0'): number => {
  const [, number = '', suffix = ''] = /^([\d.]+(?:e[+-]?\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(number) * (suffixes[suffix] ?? Number.NaN);
};

const suffixes: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};
