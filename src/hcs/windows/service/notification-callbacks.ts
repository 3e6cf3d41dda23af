/**
 * The native callbacks of both libraries: they turn the arguments into notifications. Each is registered once.
 */
import { normaliseHresult } from '../../failures/codes.js';
import { koffi } from '../../native/call/koffi.js';
import { type Callback, nativeCallback } from './callback.js';
import { computecoreCompletion, computecoreEvent, computecoreEvents } from './computecore/library.js';
import type { Completed } from './computecore/operations.js';
import type { Notification, NotificationKind, NotificationRegistry } from './notifications.js';
import { vmcomputeCallback, vmcomputeEvents } from './vmcompute/library.js';

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

export const vmcomputeRegistries: () => Callback<NotificationRegistry> = once(() =>
  nativeCallback<NotificationRegistry>(
    vmcomputeCallback,
    (find, type: number, context: number, status: number, data: string | null) => {
      const kind = vmcomputeEvents.get(type);
      if (kind) find(context)?.add(notification(kind, status, data));
    },
  ),
);

export const computecoreRegistries: () => Callback<NotificationRegistry> = once(() =>
  nativeCallback<NotificationRegistry>(computecoreEvent, (find, event: bigint, context: number) => {
    const registry = find(context);
    const kind = registry && computecoreEvents.get(koffi().decode.uint32(event));
    if (kind === undefined) return;
    const address = BigInt(koffi().decode.uint64(event + EVENT_DATA_AT));
    const data = address === 0n ? null : koffi().decode.string16(address);
    // The status of an exited system is in the document.
    registry?.add(notification(kind, kind === 'systemExited' ? statusIn(data) : 0, data));
  }),
);

export const computecoreCompletions: () => Callback<Completed> = once(() =>
  nativeCallback<Completed>(computecoreCompletion, (find, _operation: number, context: number) =>
    find(context)?.(),
  ),
);

const EVENT_DATA_AT = 8n;

const notification = (kind: NotificationKind, status: number, data: string | null): Notification => {
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
