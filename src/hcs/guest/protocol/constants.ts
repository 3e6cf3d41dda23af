/** The fixed points of the protocol: who is who, and where the host is reached. */

/** The id by which the guest itself is meant, rather than a container in it. */
export const guestId = '00000000-0000-0000-0000-000000000000';

/** What a host sends where it has no activity of its own to name. */
export const noActivity = '00000000-0000-0000-0000-000000000000';

/** The only version that is spoken. */
export const protocolVersion = 4;

/** The port at which the host awaits the guest's bridge connection. */
export const bridgePort = 0x40000000;

/** The first port for the stdio of a process; each stream takes the next one. */
export const firstStdioPort = 0x40000001;

/** Waits without a bound. */
export const forever = 0xffffffff;
