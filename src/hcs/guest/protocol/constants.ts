/**
 * The constants of the protocol: ids and ports.
 */

/** The id of the guest itself, as opposed to its containers. */
export const guestId = '00000000-0000-0000-0000-000000000000';

/** The activity id of a request without an activity. */
export const noActivity = '00000000-0000-0000-0000-000000000000';

/** The only supported version. */
export const protocolVersion = 4;

/** The host's port for the guest's bridge connection. */
export const bridgePort = 0x40000000;

/** The first port for the stdio of a process; each stream takes the next one. */
export const firstStdioPort = 0x40000001;

/** Waits without a timeout. */
export const forever = 0xffffffff;
