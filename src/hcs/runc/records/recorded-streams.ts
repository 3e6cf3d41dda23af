/**
 * The streams of a process whose outputs are recorded: files that the process writes itself, and a pipe for its input.
 *
 * Output is kept whether or not anybody reads it. Input ends with the program that has created the process.
 */
import { closeSync, fchownSync, openSync } from 'node:fs';
import type { OutputStart } from '../../contract/adoption.js';
import type { Descriptors } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { type PipeOwner, pipeStreams } from '../../native/pipe/pipe-streams.js';
import type { CallerStreams } from '../../native/pipe/streams.js';
import type { Connection } from '../launch/connection.js';
import { type OutputFile, outputFile } from './output-file.js';
import type { ProcessRecords } from './process-records.js';

export interface RecordedConnection extends Connection {
  /** The process has ended: its outputs end with what is in them. */
  ended(): void;
}

export const recordedConnection = (
  records: ProcessRecords,
  { CreateStdInPipe, CreateStdOutPipe, CreateStdErrPipe }: ProcessParameters,
  { stderr }: Descriptors,
  owner: PipeOwner | undefined,
): RecordedConnection => {
  const opened: number[] = [];
  const open = (name: 'stdout' | 'stderr'): number => {
    const fd = openSync(records.output(name), 'ax', 0o600);
    opened.push(fd);
    if (owner) fchownSync(fd, owner.uid, owner.gid);
    return fd;
  };
  const input = pipeStreams({ ...(CreateStdInPipe && { CreateStdInPipe }) }, {}, owner);
  const started = (): void => {
    input.started();
    for (const fd of opened.splice(0)) closeSync(fd);
  };
  try {
    const out = open('stdout');
    const err = stderr === 'stdout' ? out : open('stderr');
    const streams = outputStreams(records, 'left', {
      stdout: CreateStdOutPipe === true,
      stderr: CreateStdErrPipe === true && stderr !== 'stdout',
    });
    const all: CallerStreams = {
      ...streams.caller,
      stdio: { ...input.stdio, ...streams.caller.stdio },
      closeStdin: input.closeStdin,
      close: () => {
        input.close();
        streams.caller.close();
      },
    };
    return {
      child: [(input.child as readonly (number | undefined)[])[0], out, err],
      args: [],
      started,
      connected: (done) => done(all),
      ended: streams.ended,
      close: () => {
        started();
        all.close();
      },
    };
  } catch (error) {
    started();
    input.close();
    throw error;
  }
};

/** The recorded outputs, for a program that did not create the process or did. */
export const outputStreams = (
  records: ProcessRecords,
  start: OutputStart,
  wanted: { readonly stdout: boolean; readonly stderr: boolean },
): { readonly caller: CallerStreams; ended(): void } => {
  const stdout = wanted.stdout ? outputFile(records.output('stdout'), start) : undefined;
  let stderr: OutputFile | undefined;
  try {
    stderr = wanted.stderr ? outputFile(records.output('stderr'), start) : undefined;
  } catch (error) {
    stdout?.close();
    throw error;
  }
  const files = [stdout, stderr];
  return {
    caller: {
      stdio: { ...(stdout && { stdout }), ...(stderr && { stderr }) },
      closeStdin: () => undefined,
      closeStdout: () => stdout?.close(),
      closeStderr: () => stderr?.close(),
      close: () => files.forEach((file) => file?.close()),
    },
    ended: () => files.forEach((file) => file?.ended()),
  };
};
