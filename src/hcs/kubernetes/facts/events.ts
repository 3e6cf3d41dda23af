/**
 * The events of a pod, as the cluster's components report them: that it was scheduled, that its image is pulled, why it
 * cannot be started.
 *
 * The invariants: all pods of a namespace share one watch of events; each event is emitted once for each time it is
 * reported, those from before the subscription first.
 */
import { Observable, share, takeUntil } from 'rxjs';
import { statusIn } from '../api/api-error.js';
import { namespaceOf } from '../api/cluster.js';
import { type Collection, listPages } from '../api/list-pages.js';
import type { Query } from '../api/request.js';
import { type News, watchObjects } from '../api/watch-objects.js';
import type { PodContext } from '../pod/pod-context.js';

/** One event of a pod. */
export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  /** A word for programs: `Scheduled`, `Pulled`, `BackOff`, `FailedMount`… */
  readonly reason: string;
  readonly message: string;
  /** How often it has been reported so far. A cluster keeps events for an hour. */
  readonly count: number;
  /** When it was reported last; of the cluster's clock. */
  readonly at: Date;
  /** The component that has reported it: `kubelet`, `default-scheduler`. */
  readonly source: string;
}

interface ApiEvent {
  readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
}

export const podEvents = (pod: PodContext): Observable<PodEvent> =>
  new Observable<PodEvent>((listener) => {
    const abort = new AbortController();
    const seen = new Map<string, string>();
    /** The events that the watch has reported while the earlier ones were requested. */
    let early: ApiEvent[] | undefined = [];
    const take = (event: ApiEvent): void => {
      const { involvedObject: object = {}, metadata: { uid = '', resourceVersion = '' } = {} } = event;
      if (object.kind !== 'Pod' || object.name !== pod.name) return;
      // An earlier pod of the same name.
      if (pod.uid !== undefined && object.uid !== undefined && object.uid !== pod.uid) return;
      if (seen.get(uid) === resourceVersion) return;
      seen.set(uid, resourceVersion);
      listener.next(eventOf(event));
    };
    const watching = feedOf(pod).subscribe((news) => {
      if (news.kind === 'failing' && statusIn(news.error) === 403) return listener.error(news.error);
      const events = news.kind === 'listed' ? news.objects : news.kind === 'changed' ? [news.object] : [];
      for (const event of events) {
        if (early !== undefined) early.push(event);
        else take(event);
      }
    });
    const query = [['fieldSelector', `involvedObject.kind=Pod,involvedObject.name=${pod.name}`]] as const;
    listPages<ApiEvent>(collectionOf(pod, query), abort.signal, take).then(
      () => {
        for (const event of early ?? []) take(event);
        early = undefined;
      },
      (error) => {
        if (!abort.signal.aborted) listener.error(error);
      },
    );
    return () => {
      abort.abort();
      watching.unsubscribe();
    };
  }).pipe(takeUntil(pod.exit$));

const collectionOf = ({ cluster, namespace }: PodContext, query: Query): Collection => ({
  cluster,
  path: async () => `/api/v1/namespaces/${namespaceOf(namespace, await cluster.access())}/events`,
  query,
  noun: 'events',
});

const feeds = new Map<string, Observable<News<ApiEvent>>>();

const feedOf = (pod: PodContext): Observable<News<ApiEvent>> => {
  const key = `${pod.cluster.key}\0${pod.namespace}`;
  const known = feeds.get(key);
  if (known !== undefined) return known;
  const collection = collectionOf(pod, [['fieldSelector', 'involvedObject.kind=Pod']]);
  const feed = watchObjects(collection, (event: ApiEvent) => event).pipe(share());
  feeds.set(key, feed);
  return feed;
};

const eventOf = (event: ApiEvent): PodEvent => {
  const { series, source, lastTimestamp, eventTime } = event;
  return {
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: series?.count ?? event.count ?? 1,
    at: new Date(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? 0),
    source: source?.component || (event.reportingComponent ?? ''),
  };
};
