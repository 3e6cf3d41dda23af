/**
 * Reads the properties that a guest reports of a container.
 */
import { map, type Observable } from 'rxjs';
import { RxshimError } from '../failures/errors.js';
import type { GuestContext } from './guest-context.js';
import { embedded, type Fields, isFields } from './protocol/json.js';

/** The properties by their names. Unknown ones are absent. */
export const properties = (
  { bridge }: GuestContext,
  id: string,
  names: readonly string[],
): Observable<Fields> =>
  bridge.call('getProperties', id, { Query: embedded({ PropertyTypes: names }) }, { cancellable: true }).pipe(
    map(({ Properties }) => {
      const document = Properties === undefined || Properties === '' ? {} : parsed(id, Properties);
      if (isFields(document)) return document;
      throw notReadable(id);
    }),
  );

/** The processes of the container, with the pids of the guest. */
export const processIds = (guest: GuestContext, id: string): Observable<readonly number[]> =>
  properties(guest, id, ['ProcessList']).pipe(
    map(({ ProcessList }) =>
      (Array.isArray(ProcessList) ? ProcessList : [])
        .map((entry: unknown) => (isFields(entry) ? entry['ProcessId'] : undefined))
        .filter((pid): pid is number => typeof pid === 'number'),
    ),
  );

const parsed = (id: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notReadable(id, cause);
  }
};

const notReadable = (id: string, cause?: unknown): RxshimError =>
  new RxshimError('unknown', `the properties of ${id} cannot be read`, { cause });
