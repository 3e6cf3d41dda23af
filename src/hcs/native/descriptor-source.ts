import type { ByteSource } from '../bytes.js';

/** A source that stands on a descriptor and owns it. */
export interface DescriptorSource extends ByteSource {
  readonly fd: number;
  /** Ends a pending pull with end of file and closes the descriptor. May be called more than once. */
  close(): void;
}

export const descriptorSource = (_fd: number): DescriptorSource => {
  throw new Error('under construction');
};
