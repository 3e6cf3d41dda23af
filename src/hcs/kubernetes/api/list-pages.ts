/** All objects of a kind that selectors take, in pages, so that neither side holds the documents of thousands at once. */
import type { Cluster } from './cluster.js';
import { call, type Query } from './request.js';

const pageSize = 500;

/** The objects to list or watch. */
export interface Collection {
  readonly cluster: Cluster;
  /** Resolves with the path of the collection. */
  path(): Promise<string>;
  readonly query: Query;
  /** As errors and roles name it: `pods`. */
  readonly noun: string;
}

interface Page<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}

/** Resolves with the version of the list. */
export const listPages = async <T>(
  { cluster, path, query, noun }: Collection,
  signal: AbortSignal | undefined,
  each: (object: T) => void,
): Promise<string> => {
  const where = await path();
  let more: string | undefined;
  let version = '';
  do {
    const page: Page<T> = await call<Page<T>>(cluster, {
      path: where,
      query: [...query, ['limit', pageSize], ['continue', more]],
      what: `list ${noun}`,
      needs: `list on ${noun}`,
    });
    if (signal?.aborted) return '';
    for (const object of page.items ?? []) each(object);
    version = page.metadata?.resourceVersion ?? '';
    more = page.metadata?.continue || undefined;
  } while (more !== undefined);
  return version;
};
