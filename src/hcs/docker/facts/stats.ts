/** The resources that a container uses, once a second. */
import { map, type Observable, switchMap, takeUntil } from 'rxjs';
import { jsonLines } from '../api/json-lines.js';
import { type Container, idOf } from '../container/container.js';
import { following } from './following.js';

/** The resources that a container uses at one time. Absent: the daemon does not report it. */
export interface ContainerStats {
  readonly at: Date;
  readonly cpu: {
    /** Nanoseconds of processor time since its start. */
    readonly total?: number;
    /** Processors in use since the sample before: 1.5 is one and a half. */
    readonly load?: number;
  };
  /** Bytes. */
  readonly memory: { readonly usage?: number; readonly limit?: number };
  readonly pids?: number;
  /** Bytes by network interface. */
  readonly networks: Readonly<Record<string, { readonly received: number; readonly sent: number }>>;
}

/** The part of `GET /containers/ID/stats` that is read. */
interface Sample {
  readonly read?: string;
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: { readonly usage?: number; readonly limit?: number };
  readonly pids_stats?: { readonly current?: number };
  readonly networks?: Readonly<
    Record<string, { readonly rx_bytes?: number; readonly tx_bytes?: number }>
  > | null;
}

export const containerStats = (container: Container): Observable<ContainerStats> => {
  let before: { readonly at: number; readonly total: number } | undefined;
  const open = (): Observable<Sample> =>
    container.api
      .stream({
        method: 'GET',
        path: `/containers/${idOf(container)}/stats`,
        query: { stream: true },
        what: `follow the statistics of container ${container.name}`,
      })
      .pipe(
        switchMap((response) => jsonLines<Sample>(response, `statistics of container ${container.name}`)),
        // Daemons go on with zeroes after its end.
        takeUntil(container.exit$),
      );
  const stats = ({ read, cpu_stats, memory_stats = {}, pids_stats, networks }: Sample): ContainerStats => {
    const at = read === undefined ? new Date() : new Date(read);
    const total = cpu_stats?.cpu_usage?.total_usage;
    const elapsed = before === undefined ? 0 : at.getTime() - before.at;
    const load =
      total !== undefined && before !== undefined && elapsed > 0
        ? Math.max(0, total - before.total) / (elapsed * 1e6)
        : undefined;
    if (total !== undefined) before = { at: at.getTime(), total };
    const { usage, limit } = memory_stats;
    return {
      at,
      cpu: { ...(total !== undefined && { total }), ...(load !== undefined && { load }) },
      memory: { ...(usage !== undefined && { usage }), ...(limit !== undefined && { limit }) },
      ...(pids_stats?.current !== undefined && { pids: pids_stats.current }),
      networks: Object.fromEntries(
        Object.entries(networks ?? {}).map(([name, { rx_bytes = 0, tx_bytes = 0 }]) => [
          name,
          { received: rx_bytes, sent: tx_bytes },
        ]),
      ),
    };
  };
  return following(container, open).pipe(map(stats));
};
