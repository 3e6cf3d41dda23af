/**
 * Windows containers, by the Host Compute Service of this host.
 */

// `visit` is the deprecated name of `attach`; it is removed in 0.3.0.
export { attach, attach as visit } from './attach.js';
export { type ContainerOptions, createContainer, listContainers, openContainer } from './containers.js';
export type { LibraryName, ServiceLocation } from './service/locate.js';
export type { Timeouts } from './service/timeouts.js';
export type { WindowsSystem } from './system.js';
export type { Warnings } from './system-context.js';
export type { SystemProperties } from './system-properties.js';
