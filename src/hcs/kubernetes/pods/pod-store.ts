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

/** Takes the changes of one pod. An object rather than an observer: there are ten thousand. */
export interface PodFollower {
  take(change: PodChange): void;
}

export interface PodStore {
  /** It takes the changes of one pod from now on, first what is known of it. */
  follow(uid: string, follower: PodFollower): void;
  /** It takes no more. Without effect for one that does not follow. */
  unfollow(uid: string, follower: PodFollower): void;
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
  /** One follower stands for itself: a pod has seldom more. */
  const followers = new Map<string, PodFollower | readonly PodFollower[]>();
  const changed$ = new Subject<PodsChange>();
  const refusals = new Set<(error: unknown) => void>();
  /** The pods that a list must have, unless they are gone. */
  let asked = new Set<string>();
  let isListed = false;
  let readers = 0;
  let watching: Subscription | undefined;
  let lingering: ReturnType<typeof setTimeout> | undefined;

  const followersOf = (uid: string): readonly PodFollower[] => {
    const all = followers.get(uid);
    return all === undefined ? [] : 'take' in all ? [all] : all;
  };
  const setFollowers = (uid: string, all: readonly PodFollower[]): void => {
    const [first] = all;
    if (first === undefined) followers.delete(uid);
    else followers.set(uid, all.length === 1 ? first : all);
  };
  const publish = (uid: string, change: PodChange): void => {
    for (const follower of followersOf(uid)) follower.take(change);
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
  const hold = (): void => {
    readers += 1;
    clearTimeout(lingering);
    watching ??= watchObjects(collectionOf(selection), (pod: ApiPod) => factsOf(pod)).subscribe(take);
  };
  const release = (): void => {
    readers -= 1;
    if (readers > 0) return;
    // The next task of a loop need not list everything again. A program that has ended need not wait.
    // A watch without a list is of no use to the next task.
    if (isListed) lingering = setTimeout(stop, linger).unref();
    else stop();
  };

  return {
    follow: (uid, follower) => {
      hold();
      setFollowers(uid, [...followersOf(uid), follower]);
      const pod = pods.get(uid);
      if (pod !== undefined) follower.take({ kind: 'changed', pod });
    },
    unfollow: (uid, follower) => {
      const all = followersOf(uid);
      if (!all.includes(follower)) return;
      setFollowers(
        uid,
        all.filter((one) => one !== follower),
      );
      release();
    },
    changes$: new Observable((listener) => {
      hold();
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
    watching$: new Observable(() => {
      hold();
      return release;
    }),
  };
};
