import type { ByteSink } from '../bytes.js';

/** A sink that stands on a descriptor and owns it. */
export interface DescriptorSink extends ByteSink {
  readonly fd: number;
  /** Rejects pending writes and closes the descriptor. May be called more than once. */
  close(): void;
}

export const descriptorSink = (_fd: number): DescriptorSink => {
  throw new Error('under construction');
};
