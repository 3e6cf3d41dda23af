/** The bounds that checks of the daemon share, in milliseconds. */

/** Two sweeps, and the deletion itself. */
export const sweepTime = 100_000;
/** How long an announced container is waited for. */
export const announcedFor = 60_000;
/** How long a daemon without a shutdown request stays. */
export const idleFor = 60_000;
/** How long an orderly end takes at most: calls, then events, with a second to spare. */
export const leavingTime = 8_000;
/** How long a runtime may go on with a creation that its caller has given up, before it is killed. */
export const abandonedFor = 10_000;
