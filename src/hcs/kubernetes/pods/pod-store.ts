/**
 * The watches that tasks share: one for each cluster, namespace and selector, whatever the number of pods.
 *
 * The invariant: a pod that is followed gets each change once, and its removal once, also where both happened while there
 * was no connection. It is then removed without an exit code.
 */
import { Observable, Subject, type Subscription } from 'rxjs';
import { statusIn } from '../api/api-error.js';
import { type News, watchObjects } from '../api/watch-objects.js';
import type { ApiPod } from './api-pod.js';
import { factsOf, type PodFacts } from './pod-facts.js';
import { collectionOf, type PodSelection } from './pod-selection.js';

export type PodChange =
  | { readonly kind: 'changed'; readonly pod: PodFacts }
  /** `isSeen`: the removal itself was seen, so that nothing came after the facts. */
  | { readonly kind: 'removed'; readonly pod: PodFacts | undefined; readonly isSeen: boolean }
  /** Changes are seen, again or for the first time. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'failing'; readonly error: unknown };

/** A change of the pods of a namespace. */
export type PodsChange =
  /** All that there are now: first, and again where changes may have been missed. */
  | { readonly kind: 'listed'; readonly pods: readonly PodFacts[] }
  | { readonly kind: 'changed'; readonly pod: PodFacts }
  /** With what was known of it last. */
  | { readonly kind: 'removed'; readonly pod: PodFacts };

export interface PodStore {
  /** The changes of one pod from now on, first what is known of it. Completes after its removal. */
  follow(uid: string): Observable<PodChange>;
  /** The pods, all of them first. Fails where a role does not allow to see them. */
  readonly changes$: Observable<PodsChange>;
  /** Keeps the watch while it is subscribed to: before a pod is created. */
  readonly watching$: Observable<never>;
}

const stores = new Map<string, PodStore>();

export const podStore = (selection: PodSelection): PodStore => {
  const { cluster, namespace = '', labelSelector = '', fieldSelector = '' } = selection;
  const key = [cluster.key, namespace, labelSelector, fieldSelector].join('\0');
  const known = stores.get(key) ?? makeStore(selection, () => stores.delete(key));
  stores.set(key, known);
  return known;
};

/** How long a watch without a reader is kept for the next one, in milliseconds. */
const linger = 500;

/** @param idle is called when its watch has ended, as it has no reader. */
const makeStore = (selection: PodSelection, idle: () => void): PodStore => {
  const pods = new Map<string, PodFacts>();
  const followers = new Map<string, Set<(change: PodChange) => void>>();
  const changed$ = new Subject<PodsChange>();
  const refusals = new Set<(error: unknown) => void>();
  /** The pods that a list must have, unless they are gone. */
  let asked = new Set<string>();
  let isListed = false;
  let readers = 0;
  let watching: Subscription | undefined;
  let lingering: ReturnType<typeof setTimeout> | undefined;

  const publish = (uid: string, change: PodChange): void => {
    for (const follower of [...(followers.get(uid) ?? [])]) follower(change);
  };
  const forAll = (change: PodChange): void => {
    for (const uid of [...followers.keys()]) publish(uid, change);
  };
  const take = (news: News<PodFacts>): void => {
    switch (news.kind) {
      case 'listing':
        asked = new Set([...pods.keys(), ...followers.keys()]);
        return;
      case 'listed': {
        for (const { uid } of news.objects) asked.delete(uid);
        const gone = [...asked].map((uid) => ({ uid, pod: pods.get(uid) }));
        isListed = true;
        for (const { uid } of gone) pods.delete(uid);
        for (const pod of news.objects) {
          pods.set(pod.uid, pod);
          publish(pod.uid, { kind: 'changed', pod });
        }
        for (const { uid, pod } of gone) publish(uid, { kind: 'removed', pod, isSeen: false });
        return changed$.next({ kind: 'listed', pods: news.objects });
      }
      case 'changed':
        pods.set(news.object.uid, news.object);
        publish(news.object.uid, { kind: 'changed', pod: news.object });
        return changed$.next({ kind: 'changed', pod: news.object });
      case 'removed':
        pods.delete(news.object.uid);
        publish(news.object.uid, { kind: 'removed', pod: news.object, isSeen: true });
        return changed$.next({ kind: 'removed', pod: news.object });
      case 'connected':
        return forAll(news);
      case 'failing':
        if (statusIn(news.error) === 403) for (const refuse of [...refusals]) refuse(news.error);
        return forAll(news);
    }
  };

  const stop = (): void => {
    watching?.unsubscribe();
    watching = undefined;
    isListed = false;
    pods.clear();
    idle();
  };
  const hold = (): (() => void) => {
    readers += 1;
    clearTimeout(lingering);
    watching ??= watchObjects(collectionOf(selection), (pod: ApiPod) => factsOf(pod)).subscribe(take);
    return () => {
      readers -= 1;
      // The next task of a loop need not list everything again. A program that has ended need not wait.
      if (readers > 0) return;
      // A watch without a list is of no use to the next task.
      if (isListed) lingering = setTimeout(stop, linger).unref();
      else stop();
    };
  };

  return {
    follow: (uid) =>
      new Observable((listener) => {
        const release = hold();
        const all = followers.get(uid) ?? new Set();
        const follower = (change: PodChange): void => {
          listener.next(change);
          if (change.kind === 'removed') listener.complete();
        };
        all.add(follower);
        followers.set(uid, all);
        const pod = pods.get(uid);
        if (pod !== undefined) follower({ kind: 'changed', pod });
        return () => {
          all.delete(follower);
          if (all.size === 0) followers.delete(uid);
          release();
        };
      }),
    changes$: new Observable((listener) => {
      const release = hold();
      const refuse = (error: unknown): void => listener.error(error);
      refusals.add(refuse);
      if (isListed) listener.next({ kind: 'listed', pods: [...pods.values()] });
      const subscription = changed$.subscribe(listener);
      return () => {
        refusals.delete(refuse);
        subscription.unsubscribe();
        release();
      };
    }),
    watching$: new Observable(hold),
  };
};
