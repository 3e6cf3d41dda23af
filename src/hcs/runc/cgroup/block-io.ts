/**
 * Block device statistics of a version 1 cgroup. The I/O scheduler of the disk decides which files hold them.
 */
import { count, readDevices, readText } from './read.js';

/** One counter of a block device: of one operation (`Read`, `Write` …), or of all where `op` is empty. */
export interface BlockEntry {
  readonly op: string;
  readonly device: string;
  readonly major: bigint;
  readonly minor: bigint;
  readonly value: bigint;
}

/** Bytes, operations and nanoseconds. */
export interface BlockIo {
  readonly serviceBytes: BlockEntry[];
  readonly serviced: BlockEntry[];
  readonly queued: BlockEntry[];
  readonly serviceTime: BlockEntry[];
  readonly waitTime: BlockEntry[];
  readonly merged: BlockEntry[];
  readonly time: BlockEntry[];
  readonly sectors: BlockEntry[];
}

// Most detailed first. Where the scheduler counts nothing, the throttle still does.
const prefixes = ['blkio', 'blkio.bfq', 'blkio.throttle'];

export const blockIo = (directory: string | undefined): BlockIo | undefined => {
  if (directory === undefined || readText(directory, 'cgroup.procs') === undefined) return undefined;
  const entries = (name: string): BlockEntry[] => {
    for (const prefix of prefixes) {
      const lines = readDevices(directory, `${prefix}.${name}`);
      if (lines !== undefined && lines.length > 0) return lines.flatMap(entry);
    }
    return [];
  };
  return {
    serviceBytes: entries('io_service_bytes_recursive'),
    serviced: entries('io_serviced_recursive'),
    queued: entries('io_queued_recursive'),
    serviceTime: entries('io_service_time_recursive'),
    waitTime: entries('io_wait_time_recursive'),
    merged: entries('io_merged_recursive'),
    time: entries('time_recursive'),
    sectors: entries('sectors_recursive'),
  };
};

/** `Read 4096`, or only the value where operations are not counted separately. */
const entry = ({
  major,
  minor,
  words,
}: {
  major: bigint;
  minor: bigint;
  words: readonly string[];
}): BlockEntry[] => {
  const value = count(words.at(-1));
  if (value === undefined) return [];
  return [
    {
      op: words.length > 1 ? (words[0] as string) : '',
      device: deviceName(major, minor),
      major,
      minor,
      value,
    },
  ];
};

const deviceName = (major: bigint, minor: bigint): string => {
  const name = /^DEVNAME=(.*)$/m.exec(readText(`/sys/dev/block/${major}:${minor}`, 'uevent') ?? '')?.[1];
  return name === undefined ? '' : `/dev/${name}`;
};
