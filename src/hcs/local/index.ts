/**
 * The host itself as a compute system: real processes of this machine, without root and without a container runtime.
 */
export { local } from './local.js';
export type { LocalOptions } from './options.js';
