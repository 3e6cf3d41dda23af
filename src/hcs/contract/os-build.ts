/**
 * The Windows builds that rxshim distinguishes, and their features.
 */

/** Windows Server 2019 and Windows 10 1809, "RS5": the first build whose compute service supports signals. */
export const RS5 = 17763;

/** Whether a utility VM supports signals; `none` without a VM. */
export type HostSignalSupport = 'none' | 'signals' | 'noSignals';

/**
 * Whether the processes of a container can be signalled, or only killed.
 *
 * @param osBuild the build number of the Windows host; that of the guest does not matter.
 * @param host what the utility VM advertises, `none` if the container runs without one.
 */
export const signalsSupported = ({
  osBuild,
  host,
}: {
  readonly osBuild: number;
  readonly host: HostSignalSupport;
}): boolean => osBuild >= RS5 && (host === 'none' || host === 'signals');
