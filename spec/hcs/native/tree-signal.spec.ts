import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants, uptime } from 'node:os';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import type { Members } from '../../../src/hcs/native/process/descendants/members.js';
import { processTree } from '../../../src/hcs/native/process/descendants/tree.js';
import { childrenOf, type ProcessEntry, processEntry } from '../../../src/hcs/native/process/proc.js';
import { killed } from '../../../src/hcs/native/process/send-signal.js';
import { describeOnLinux } from '../../cli/rxshim.js';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const { pid } of children.splice(0)) if (pid !== undefined) killed(-pid, constants.signals.SIGKILL);
});

const started = async (script: string): Promise<{ pid: number; output: Promise<string> }> => {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  children.push(child);
  const copy = child.stdout.pipe(new PassThrough());
  await once(child.stdout, 'data');
  return { pid: child.pid as number, output: text(copy) };
};

const below = (pid: number): readonly ProcessEntry[] => {
  const entry = processEntry(pid);
  if (entry === undefined) return [];
  const own = entry.ended ? [] : [entry];
  return [...own, ...childrenOf(pid).flatMap(below)];
};

/** As it is when it has only just started, however long ago that was on a busy machine. */
const young = (entry: ProcessEntry): ProcessEntry => ({ ...entry, startedAt: uptime() * 1000 });

/** Lists the tree of a process; from the second time on as late as on a busy machine. */
const slowMembers = (pid: number): Members => {
  const seen = new Set<number>();
  let lists = 0;
  return {
    living: [],
    list: () => {
      if (lists++ > 0) pause(50);
      for (const known of [pid, ...seen]) for (const entry of below(known)) seen.add(entry.pid);
      return [...seen].flatMap((known) => processEntry(known) ?? []).filter(({ ended }) => !ended);
    },
  };
};

/** The first list has the process alone, which has only just started. */
const readBeforeTheFork = (pid: number): Members => {
  const members = slowMembers(pid);
  let first = true;
  return {
    living: [],
    list: () => {
      const found = members.list();
      if (!first) return found;
      first = false;
      return found.filter((entry) => entry.pid === pid).map(young);
    },
  };
};

const readAgainAfterTheExec = (pid: number): Members => {
  let lists = 0;
  return {
    living: [],
    list: () => {
      if (lists++ > 0) while (readFileSync(`/proc/${pid}/comm`, 'latin1') !== 'sleep\n') pause(5);
      return below(pid).map(young);
    },
  };
};

const pause = (time: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);

const terminate = (members: Members): Promise<string> =>
  lastValueFrom(processTree(members).signal({ Signal: 15 }));

const interrupt = (members: Members): Promise<string> =>
  lastValueFrom(processTree(members).signal({ Signal: 2 }));

describeOnLinux('a signal to a tree', () => {
  it('leaves alone what a signal handler runs', async () => {
    const loop = 'while :; do sleep 0.02; done';
    const { pid, output } = await started(`trap 'sleep 0.3 && echo cleaned; exit' TERM; echo ready; ${loop}`);
    expect(await terminate(slowMembers(pid))).toBe('delivered');
    expect(await output).toBe('ready\ncleaned\n');
  });

  it('reaches what was forked unseen by a process that it ends', async () => {
    const { pid, output } = await started(`echo ready; sh -c 'sleep 0.04; sleep 60; :' & wait`);
    expect(await terminate(readBeforeTheFork(pid))).toBe('delivered');
    expect(await output).toBe('ready\n');
  });

  it('reaches the first program of a shell that was just about to start it, and therefore waits for it', async () => {
    // As a shell does that gets the signal in the middle of a fork: it goes on, and waits.
    const { pid, output } = await started(`trap : INT; echo ready; sleep 60; echo "status $?"`);
    expect(await interrupt(readBeforeTheFork(pid))).toBe('delivered');
    expect(await output).toBe('ready\nstatus 130\n');
  });

  it('reaches a program again that got the signal between fork and exec, where the handler of its shell was in force', async () => {
    const { pid, output } = await started(`trap 'exec sleep 60' INT; echo ready; while :; do :; done`);
    expect(await interrupt(readAgainAfterTheExec(pid))).toBe('delivered');
    expect(await output).toBe('ready\n');
  });
});
