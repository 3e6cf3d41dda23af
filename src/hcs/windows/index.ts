/**
 * Windows containers, by the Host Compute Service of this host.
 */
export { type ContainerOptions, createContainer, openContainer } from './containers.js';
export type { LibraryName, ServiceLocation } from './host-service.js';
export type { WindowsSystem } from './system.js';
export type { Warnings } from './system-context.js';
export type { SystemProperties } from './system-properties.js';
export type { Timeouts } from './timeouts.js';
export { visit } from './visit.js';
