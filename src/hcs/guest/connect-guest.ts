/**
 * Opens the bridge to a guest and negotiates the protocol.
 *
 * The invariant: an unsubscribe before the guest is emitted leaves nothing open, and after `close` this process holds
 * nothing of the guest. What runs in the guest is ended by the guest.
 */
import { resolve } from 'node:path';
import {
  asyncScheduler,
  concatMap,
  defer,
  finalize,
  map,
  type Observable,
  type SchedulerLike,
  throwError,
  timeout,
} from 'rxjs';
import { type Command, commanded } from '../../operators/command.js';
import { type Labels, type Ownership, ownershipLabels } from '../contract/ownership.js';
import { invalid, RxshimError } from '../failures/errors.js';
import { requireKnown } from '../failures/refuse-unknown.js';
import { expectRecorded } from './adopt/expectations.js';
import { openBridge } from './bridge/bridge.js';
import { type Guest, guestContext, guestOf } from './guest.js';
import { negotiate } from './negotiate.js';
import type { GuestCapabilities } from './protocol/messages.js';
import type { GuestTransport } from './transport/transport.js';

/** Options of `connectGuest`. */
export interface GuestOptions {
  /** How long the guest may take to connect, in milliseconds. Default: two minutes. */
  readonly connectTimeout?: number;
  readonly scheduler?: SchedulerLike;
  /**
   * The port of the first stream; each further one gets the next. Default: random, above 0x40000000, so that the ports
   * of an earlier connection are not offered again. To be set for a guest whose VM restricts its ports.
   */
  readonly firstPort?: number;
  /**
   * Called with a description of each message of an earlier connection, such as the answer to a request of a program
   * that has ended. The message itself is dropped.
   */
  readonly onStray?: (what: string) => void;
  /** Records containers and their processes for a later program, which adopts them (`guest.registry`). */
  readonly records?: GuestRecordOptions;
}

/** The records of the containers of a guest, and their directory. */
export interface GuestRecordOptions {
  /** A directory of this guest alone, on a local file system. Created if needed. */
  readonly directory: string;
  /** The owner of the containers. */
  readonly ownership?: Ownership;
  readonly labels?: Labels;
}

const defaultConnectTimeout = 120_000;

/**
 * Waits for a guest to connect and emits it.
 *
 * @throws RxshimError `unavailable` on timeout or if the bridge fails; `notImplemented` for a guest with another
 * protocol version or another system than Linux.
 * @example
 * const guest = await connectGuest(vsockSockets('/run/vm1/v.sock'));
 * const system = await guest.createContainer({ id: 'web', spec });
 */
export const connectGuest = (transport: GuestTransport, options: GuestOptions = {}): Command<Guest> =>
  commanded(connected(transport, options));

const connected = (transport: GuestTransport, options: GuestOptions): Observable<Guest> =>
  defer(() => {
    requireKnown('', options, known);
    const {
      connectTimeout = defaultConnectTimeout,
      scheduler = asyncScheduler,
      firstPort,
      onStray,
      records: recording,
    } = options;
    const recordIn = recording && recordSettings(recording);
    if (!(connectTimeout >= 0 && connectTimeout < 2 ** 31))
      throw invalid('connectTimeout', connectTimeout, 'milliseconds');
    if (firstPort !== undefined && !(Number.isInteger(firstPort) && firstPort > 0 && firstPort < 2 ** 32))
      throw invalid('firstPort', firstPort, 'a vsock port');
    let handedOver = false;
    const late = () =>
      throwError(() => new RxshimError('unavailable', `no guest has connected within ${connectTimeout} ms`));
    return transport.openBridge().pipe(
      timeout({ first: connectTimeout, scheduler, with: late }),
      concatMap((connection) => {
        const bridge = openBridge(connection, { scheduler, ...(onStray && { onStray }) });
        bridge.end$.subscribe(() => letGo(transport));
        // Messages that the guest has queued come first.
        const expectations = recordIn && expectRecorded(bridge, recordIn.directory);
        return negotiate(bridge).pipe(
          map((capabilities) => {
            handedOver = true;
            const records = recordIn &&
              expectations && { ...recordIn, expectations, instance: instanceOf(capabilities) };
            const shared = { bridge, transport, scheduler, ...(records && { records }) };
            return guestOf(capabilities, guestContext(shared, capabilities, firstPort));
          }),
          finalize(() => {
            if (!handedOver) bridge.close();
          }),
        );
      }),
      finalize(() => {
        if (!handedOver) letGo(transport);
      }),
    );
  });

const known = [
  'connectTimeout',
  'scheduler',
  'firstPort',
  'onStray',
  'records',
] as const satisfies readonly (keyof GuestOptions)[];

const recordSettings = (records: GuestRecordOptions) => {
  requireKnown('records', records, ['directory', 'ownership', 'labels']);
  const { directory, ownership, labels = {} } = records;
  if (typeof directory !== 'string' || directory === '')
    throw invalid('records.directory', directory, 'a path');
  return {
    directory: resolve(directory),
    labels: { ...labels, ...(ownership && ownershipLabels(ownership)) },
  };
};

/** The run of the agent: agents of this project say it, because containers and pids mean nothing in another run. */
const instanceOf = ({ GuestDefinedCapabilities: { InstanceId } }: GuestCapabilities): string | undefined =>
  typeof InstanceId === 'string' ? InstanceId : undefined;

// Not awaited here; `close` of the guest waits for it.
const letGo = (transport: GuestTransport): void =>
  void transport.close().subscribe({ error: () => undefined });
