/** What the shim says of itself: `-info`, which containerd 2 asks for, and `-v`. */
import { RuntimeInfo } from './messages/index.js';
import { version } from './version.js';

const name = 'io.containerd.rxshim.v1';

export const runtimeInfo = (): Uint8Array =>
  RuntimeInfo.encode(RuntimeInfo.create({ name, version: { version, revision: '' } })).finish();

export const versionText = (): string =>
  `containerd-shim-rxshim-v1:\n  Version:  ${version}\n  Node:     ${process.version}\n`;
