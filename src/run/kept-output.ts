/** The output of a run for its result, up to so many bytes of each stream. */
import type { OutputChunk } from '../streams/stdio/output-stream.js';
import type { RunOptions } from './run-interface.js';

export interface KeptOutput {
  /** Returns whether there was room for it. */
  add(chunk: OutputChunk): boolean;
  /** The kept output of a stream. */
  of(stream: OutputChunk['stream']): string | Uint8Array;
}

const defaultMaxOutput = 64 * 2 ** 20;

export const keptOutput = ({
  maxOutput = defaultMaxOutput,
  keepOutput = true,
  encoding = 'text',
}: RunOptions): KeptOutput => {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const room = { stdout: maxOutput, stderr: maxOutput };
  return {
    add: ({ stream, bytes }) => {
      if (!keepOutput) return true;
      const fits = bytes.length <= room[stream];
      const part = fits ? bytes : bytes.subarray(0, room[stream]);
      room[stream] -= part.length;
      if (part.length > 0) chunks[stream].push(part);
      return fits;
    },
    of: (stream) => {
      const all = Buffer.concat(chunks[stream]);
      return encoding === 'bytes' ? all : withoutLastNewline(all.toString());
    },
  };
};

const withoutLastNewline = (text: string): string => text.replace(/\r?\n$/, '');
