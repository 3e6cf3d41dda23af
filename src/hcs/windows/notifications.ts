/**
 * From what the service's threads pass to its callbacks to notices on boards: one callback for each library and purpose,
 * registered once.
 */
import { normaliseHresult } from '../failures/codes.js';
import { koffi } from '../native/call/koffi.js';
import { computecoreCompletion, computecoreEvent, computecoreEvents } from './computecore-library.js';
import { type Listeners, listeners } from './listeners.js';
import type { Notice, NoticeBoard, NoticeKind } from './notices.js';
import type { Completed } from './operations.js';
import { vmcomputeCallback, vmcomputeNotices } from './vmcompute-library.js';

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

export const vmcomputeBoards: () => Listeners<NoticeBoard> = once(() =>
  listeners<NoticeBoard>(
    vmcomputeCallback,
    (find, type: number, context: number, status: number, data: string | null) => {
      const kind = vmcomputeNotices.get(type);
      if (kind) find(context)?.post(notice(kind, status, data));
    },
  ),
);

export const computecoreBoards: () => Listeners<NoticeBoard> = once(() =>
  listeners<NoticeBoard>(computecoreEvent, (find, event: bigint, context: number) => {
    const board = find(context);
    const kind = board && computecoreEvents.get(koffi().decode.uint32(event));
    if (kind === undefined) return;
    const address = BigInt(koffi().decode.uint64(event + EVENT_DATA_AT));
    const data = address === 0n ? null : koffi().decode.string16(address);
    // Of a system that exited the status is in the document.
    board?.post(notice(kind, kind === 'systemExited' ? statusIn(data) : 0, data));
  }),
);

export const computecoreCompletions: () => Listeners<Completed> = once(() =>
  listeners<Completed>(computecoreCompletion, (find, _operation: number, context: number) =>
    find(context)?.(),
  ),
);

const EVENT_DATA_AT = 8n;

const notice = (kind: NoticeKind, status: number, data: string | null): Notice => {
  const code = normaliseHresult(status);
  return { kind, ...(code !== undefined && { code }), ...(data !== null && { data }) };
};

const statusIn = (document: string | null): number => {
  try {
    const { Status } = JSON.parse(document ?? '{}') as { readonly Status?: unknown };
    return Number.isInteger(Status) ? (Status as number) | 0 : 0;
  } catch {
    return 0;
  }
};
