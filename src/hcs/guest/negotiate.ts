/**
 * The handshake of a bridge: the protocol version and the guest's capabilities.
 */
import { map, type Observable } from 'rxjs';
import { RxshimError } from '../failures/errors.js';
import type { Bridge } from './bridge/bridge.js';
import { protocolVersion } from './protocol/constants.js';
import { isFields } from './protocol/json.js';
import type { GuestCapabilities } from './protocol/messages.js';

export const negotiate = (bridge: Bridge): Observable<GuestCapabilities> =>
  bridge
    .call(
      'negotiateProtocol',
      '',
      { MinimumVersion: protocolVersion, MaximumVersion: protocolVersion },
      { cancellable: true },
    )
    .pipe(
      map(({ Version, Capabilities }) => {
        if (Version !== protocolVersion) throw unfit(`it speaks version ${Version} of the protocol`);
        if (!isFields(Capabilities?.GuestDefinedCapabilities)) throw unfit('it does not say what it can do');
        // Windows guests came first and leave the field out.
        const os = (Capabilities.RuntimeOsType || 'windows').toLowerCase();
        if (os !== 'linux') throw unfit(`it runs ${os}`);
        return Capabilities;
      }),
    );

const unfit = (why: string): RxshimError =>
  new RxshimError('notImplemented', `a guest cannot be used: ${why}`);
