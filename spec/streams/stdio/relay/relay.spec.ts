import { describe, expect, it } from '@jest/globals';
import { defer, NEVER, of, Subject } from 'rxjs';
import type { ComputeProcess, ProcessStdio } from '../../../../src/hcs/contract/compute-process.js';
import { pullRelay } from '../../../../src/streams/stdio/relay/relay.js';
import type { UpstreamIo } from '../../../../src/streams/stdio/upstream.js';
import { turns } from '../../../hcs/native/on-linux.js';
import { deferred, handSink, handSource } from './hand-driven.js';

type Close = 'closeStdin' | 'closeStdout' | 'closeStderr';

interface Given {
  readonly stdio: ProcessStdio;
  readonly upstream: Partial<UpstreamIo>;
  /** How the engine answers the closing of an end. Default: at once. */
  readonly close?: (which: Close) => ReturnType<ComputeProcess['close']>;
}

/** The relay between a process whose ends are driven by hand and an upstream of the same kind. */
const relaying = ({ stdio, upstream, close = () => of(undefined) }: Given) => {
  const closed: Close[] = [];
  const closing = (which: Close) => () =>
    defer(() => {
      closed.push(which);
      return close(which);
    });
  const process: Pick<ComputeProcess, 'stdio' | Close> = {
    stdio,
    closeStdin: closing('closeStdin'),
    closeStdout: closing('closeStdout'),
    closeStderr: closing('closeStderr'),
  };
  const relay = pullRelay(process as ComputeProcess, upstream as UpstreamIo, undefined);
  let through = false;
  relay.through$.subscribe({ complete: () => (through = true) });
  return { relay, closed, through: () => through, errors: () => relay.ioErrors?.() ?? [] };
};

describe('the relay of an output', () => {
  it('closes the end of the process, once, when the source has ended; is through when all ends are closed', async () => {
    const [out, err] = [handSource(), handSource()];
    const [stdout, stderr] = [handSink(), handSink()];
    const closing = new Subject<void>();
    const { relay, closed, through } = relaying({
      stdio: { stdout: out, stderr: err },
      upstream: { stdout, stderr },
      close: (which) => (which === 'closeStderr' ? closing : of(undefined)),
    });
    await out.give('out');
    await err.give('error');
    expect([stdout.written, stderr.written, relay.moved()]).toEqual([['out'], ['error'], 8]);
    await out.finish();
    expect([closed, stdout.calls, through()]).toEqual([['closeStdout'], ['end'], false]);
    await err.finish();
    expect([closed, through()]).toEqual([['closeStdout', 'closeStderr'], false]);
    closing.complete();
    expect(through()).toBe(true);
  });

  it('is through from the beginning if no output has both ends', () => {
    const { through } = relaying({ stdio: { stdout: handSource() }, upstream: { stderr: handSink() } });
    expect(through()).toBe(true);
  });

  it('reports a sink that fails and closes the end of the process, so that its next write raises SIGPIPE', async () => {
    const out = handSource();
    const stdout = handSink({ waits: true });
    const { closed, through, errors } = relaying({ stdio: { stdout: out }, upstream: { stdout } });
    await out.give('x');
    await stdout.refuse(new Error('the disk is full'));
    expect([closed, through()]).toEqual([['closeStdout'], true]);
    expect(errors()).toMatchObject([
      {
        stream: 'stdout',
        error: { field: 'stdout', message: 'stdout: the sink failed: the disk is full: unknown' },
      },
    ]);
  });

  it('reports no error if the reader has left', async () => {
    const out = handSource();
    const stdout = handSink({ waits: true });
    const { closed, errors } = relaying({ stdio: { stdout: out }, upstream: { stdout } });
    await out.give('x');
    await stdout.refuse(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
    expect([closed, errors()]).toEqual([['closeStdout'], []]);
  });

  it('closes the end of a process that writes nothing when the reader leaves', async () => {
    const leaving = deferred<void>();
    const { closed, through } = relaying({
      stdio: { stdout: handSource() },
      upstream: { stdout: handSink({ closed: leaving.promise }) },
    });
    await turns();
    expect(closed).toEqual([]);
    leaving.resolve();
    await turns();
    expect([closed, through()]).toEqual([['closeStdout'], true]);
  });

  it('passes a failure of the source on to the reader as truncated output', async () => {
    const out = handSource();
    const stdout = handSink();
    const { closed, errors } = relaying({ stdio: { stdout: out }, upstream: { stdout } });
    const failure = new Error('EIO');
    await out.break(failure);
    expect(stdout.calls).toMatchObject([{ kind: 'truncated', cause: failure }]);
    expect(closed).toEqual(['closeStdout']);
    expect(errors()).toMatchObject([
      { stream: 'stdout', error: { message: 'stdout: the source failed: EIO: unknown' } },
    ]);
  });

  it('ends a sink for both outputs twice if the process has one stream for both', async () => {
    const out = handSource();
    const both = handSink();
    const { closed } = relaying({ stdio: { stdout: out }, upstream: { stdout: both, stderr: both } });
    await out.finish();
    expect([both.calls, closed]).toEqual([['end', 'end'], ['closeStdout']]);
  });
});

describe('the relay of the input', () => {
  it('closes the input of the process at the end of the source, and has no part in the drain', async () => {
    const input = handSource();
    const stdin = handSink();
    const { closed, through } = relaying({ stdio: { stdin }, upstream: { stdin: input } });
    expect(through()).toBe(true);
    await input.give('typed');
    expect([stdin.written, closed]).toEqual([['typed'], []]);
    await input.finish();
    expect(closed).toEqual(['closeStdin']);
  });

  it('reports a source that fails, and no process that does not read', async () => {
    const failing = handSource();
    const first = relaying({ stdio: { stdin: handSink() }, upstream: { stdin: failing } });
    await failing.break(new Error('connection reset'));
    expect(first.errors()).toMatchObject([{ stream: 'stdin' }]);

    const input = handSource();
    const stdin = handSink({ waits: true });
    const second = relaying({ stdio: { stdin }, upstream: { stdin: input } });
    await input.give('typed');
    await stdin.refuse(new Error('no reader'));
    expect([second.errors(), second.closed]).toEqual([[], ['closeStdin']]);
  });
});

describe('a relay that is cut', () => {
  it('is through at once, though the engine never answers, and the reader gets a truncation error', () => {
    const stdout = handSink();
    const { relay, closed, through, errors } = relaying({
      stdio: { stdout: handSource() },
      upstream: { stdout },
      close: () => NEVER,
    });
    expect(relay.cut()).toBe(true);
    expect(through()).toBe(true);
    expect(stdout.calls).toMatchObject([{ kind: 'truncated' }]);
    expect([closed, errors()]).toEqual([['closeStdout'], []]);
  });

  it('loses nothing if only the closing of an end is still to be answered', async () => {
    const out = handSource();
    const stdout = handSink();
    const { relay, through } = relaying({ stdio: { stdout: out }, upstream: { stdout }, close: () => NEVER });
    await out.finish();
    expect(through()).toBe(false);
    expect(relay.cut()).toBe(false);
    expect([through(), stdout.calls]).toEqual([true, ['end']]);
  });

  it('reports a sink that has not answered its last write', async () => {
    const out = handSource();
    const stdout = handSink({ waits: true });
    const { relay, errors } = relaying({ stdio: { stdout: out }, upstream: { stdout } });
    await out.give('stuck');
    expect(relay.cut()).toBe(true);
    expect(errors()).toMatchObject([{ stream: 'stdout', error: { kind: 'unavailable' } }]);
  });
});

describe('what a relay owes when its process has exited', () => {
  it('is settled when each output has passed on what had arrived; the sinks learn of the exit', async () => {
    const [out, err] = [handSource(() => 3), handSource(() => 0)];
    const [stdout, stderr] = [handSink(), handSink()];
    const { relay } = relaying({ stdio: { stdout: out, stderr: err }, upstream: { stdout, stderr } });
    let settled = false;
    relay.owed$?.subscribe({ complete: () => (settled = true) });
    expect([stdout.calls, stderr.calls, settled]).toEqual([['processExited'], ['processExited'], false]);
    await out.give('abc');
    expect(settled).toBe(true);
  });

  it('is settled by the end of a stream, and at once without outputs', async () => {
    const out = handSource(() => 3);
    const { relay } = relaying({ stdio: { stdout: out }, upstream: { stdout: handSink() } });
    let settled = false;
    relay.owed$?.subscribe({ complete: () => (settled = true) });
    await out.finish();
    expect(settled).toBe(true);

    let atOnce = false;
    relaying({ stdio: {}, upstream: {} }).relay.owed$?.subscribe({ complete: () => (atOnce = true) });
    expect(atOnce).toBe(true);
  });
});
