/**
 * Windows containers, by the Host Compute Service of this host.
 */
export { createContainer, openContainer, type ContainerOptions } from './containers.js';
export type { SystemProperties, WindowsSystem } from './system.js';
