/**
 * The builds of Windows that rxshim has to tell apart, and what follows from them.
 */

/** Windows Server 2019 and Windows 10 1809, "RS5": the first build whose compute service takes signals. */
export const RS5 = 17763;

/** What a utility VM says of signals: there is no such VM, it takes them, or it does not. */
export type HostSignalSupport = 'none' | 'signals' | 'noSignals';

/**
 * Whether the processes of a container can be signalled, or only ended.
 *
 * @param osBuild the build number of the Windows host; of its guest nothing is asked.
 * @param host what the utility VM advertises, `none` when the container runs without one.
 */
export const signalsSupported = ({
  osBuild,
  host,
}: {
  readonly osBuild: number;
  readonly host: HostSignalSupport;
}): boolean => osBuild >= RS5 && (host === 'none' || host === 'signals');
