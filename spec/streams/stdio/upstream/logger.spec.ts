import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { firstValueFrom, VirtualTimeScheduler } from 'rxjs';
import { openUpstream } from '../../../../src/streams/stdio/upstream/index.js';
import { lives } from '../../../hcs/local/on-this-host.js';
import { describeOnLinux, isPending, turns } from '../../../hcs/native/on-linux.js';
import {
  appears,
  directory,
  done,
  failureOf,
  flagsOf,
  leavesNothing,
  open,
  script,
  withUpstream,
  write,
} from './on-upstream.js';

/** The number that a logger has written to the file, once it has. */
const pidIn = (path: string): Promise<number> =>
  // An empty file is a 0, and the process 0 is everybody.
  appears(() => (existsSync(path) && Number(readFileSync(path, 'utf8'))) || undefined);

const gone = (pid: number): Promise<true> => appears<true>(() => !lives(pid));

const ready = 'echo -n x >&5; exec 5>&-;';

describeOnLinux('a logging program', () => {
  const at = directory();
  /** One that copies what it gets to files beside it. */
  const copier = (name: string, before = ready, after = '') =>
    `binary://${script(
      at(name),
      `${before} cat <&3 >$0.out & cat <&4 >$0.err & wait; ${after} echo done >$0.done`,
    )}`;
  const written = (name: string): string => readFileSync(at(name), 'utf8');

  it('gets stdout as its descriptor 3, stderr as 4, and has taken all of it when the upstream is closed', async () => {
    const stdout = copier('all');
    const upstream = await open({ stdin: 'nonsense', stdout, stderr: 'ignored too', terminal: false });
    await write(upstream.stdout, 'out');
    await write(upstream.stderr, 'err');
    await done(upstream.closeStdin());
    await done(upstream.close());
    expect([written('all.out'), written('all.err'), written('all.done')]).toEqual(['out', 'err', 'done\n']);
    expect(upstream).toMatchObject({ stdinPath: '', stdoutPath: stdout, terminal: false });
    expect(upstream.stdin).toBeUndefined();
  });

  it('gets the ids of the exec, and nothing else of the environment', async () => {
    const path = script(
      at('driver'),
      `tr '\\0' '\\n' </proc/$$/environ >$0.env; printf '%s\\n' "$@" >$0.args`,
    );
    const query = '?--driver=a%20b&flag&empty=&--driver=second&x=%3D';
    await withUpstream({ stdout: `binary://ignored.host${path}${query}` }, async () => undefined);
    expect(written('driver.env').trim().split('\n').sort()).toEqual([
      'CONTAINER_ID=c1',
      'CONTAINER_NAMESPACE=k8s.io',
    ]);
    expect(written('driver.args')).toBe('--driver\na b\nflag\nempty\nx\n=\n');
  });

  it('of a container without a namespace gets the default one', async () => {
    const path = script(at('namespace'), 'echo -n $CONTAINER_NAMESPACE >$0.out');
    const upstream = await firstValueFrom(openUpstream({ stdout: `binary://${path}` }, { containerId: 'c' }));
    await done(upstream.close());
    expect(written('namespace.out')).toBe('default');
  });

  it.each([
    ['writes a byte', 'byte', 'echo -n x >&5'],
    ['closes its descriptor 5', 'closed', 'exec 5>&-'],
  ])('is waited for until it %s', async (_how, name, act) => {
    const waiting = `echo >$0.up; while [ ! -e $0.go ]; do sleep 0.01; done; ${act};`;
    const opening = open({ stdout: copier(name, waiting) });
    await appears(() => existsSync(at(`${name}.up`)));
    expect(await isPending(opening)).toBe(true);
    writeFileSync(at(`${name}.go`), '');
    await done((await opening).close());
  });

  it('gets from a process what it was handed, and that may block', () =>
    withUpstream({ stdout: copier('handed') }, async ({ stdout, stderr }) => {
      for (const sink of [stdout, stderr]) expect(flagsOf(sink!.fd!) & 0o4000).toBe(0);
    }));

  it('takes what comes from a terminal by way of a copy, and only stdout', async () => {
    const upstream = await open({ stdout: copier('terminal'), terminal: true });
    expect(upstream.stdout?.fd).toBeUndefined();
    expect(upstream.stderr).toBeUndefined();
    expect(upstream.terminal).toBe(false);
    await write(upstream.stdout, 'typed');
    await done(upstream.close());
    expect(written('terminal.out')).toBe('typed');
  });

  it('that dies does not take the container with it: further output is dropped', async () => {
    const path = script(at('dies'), `echo $$ >$0.pid; ${ready} head -c 1 <&3 >$0.out; exit 3`);
    const upstream = await open({ stdout: `binary://${path}` });
    await write(upstream.stdout, 'x');
    await gone(await pidIn(at('dies.pid')));
    // More than a pipe holds: each write is answered, and the sinks stay open for the container.
    for (const sink of [upstream.stdout, upstream.stderr]) {
      await write(sink, 'y'.repeat(3_000_000));
      await write(sink, 'z');
      if (sink?.closed !== undefined) expect(await isPending(sink.closed)).toBe(true);
    }
    expect(written('dies.out')).toBe('x');
    await done(upstream.close());
  });

  it('that dies while a write waits for it lets the write go on', async () => {
    const path = script(at('stuck'), `echo $$ >$0.pid; ${ready} sleep 1000`);
    const upstream = await open({ stdout: `binary://${path}` });
    const pending = upstream.stdout!.write(Buffer.alloc(3_000_000));
    expect(await isPending(pending)).toBe(true);
    process.kill(-(await pidIn(at('stuck.pid'))), 'SIGKILL');
    await pending;
    await done(upstream.close());
  });

  it('that does not end when its output does is asked to, after ten seconds', async () => {
    const scheduler = new VirtualTimeScheduler();
    const path = script(at('asked'), `trap 'echo asked >$0.out; exit' TERM; ${ready} sleep 1000 & wait`);
    const upstream = await open({ stdout: `binary://${path}` }, { scheduler });
    const closed = done(upstream.close());
    expect(await isPending(closed)).toBe(true);
    scheduler.maxFrames = 10_000;
    scheduler.flush();
    await closed;
    expect(written('asked.out')).toBe('asked\n');
  });

  it('that does not listen then is killed two seconds later', async () => {
    const scheduler = new VirtualTimeScheduler();
    const path = script(
      at('deaf'),
      `trap '' TERM; echo $$ >$0.pid; ${ready} while true; do sleep 1000; done`,
    );
    const upstream = await open({ stdout: `binary://${path}` }, { scheduler });
    const pid = await pidIn(at('deaf.pid'));
    const closed = done(upstream.close());
    scheduler.maxFrames = 11_999;
    scheduler.flush();
    expect(await isPending(closed)).toBe(true);
    expect(lives(pid)).toBe(true);
    scheduler.maxFrames = 12_000;
    scheduler.flush();
    await closed;
    expect(lives(pid)).toBe(false);
  });

  it('is awaited to its exit even without a caller', async () => {
    const upstream = await open({ stdout: copier('left') });
    await write(upstream.stdout, 'all');
    upstream.close().subscribe().unsubscribe();
    await done(upstream.close());
    expect(written('left.out')).toBe('all');
  });

  it('outlives the request that opened it', async () => {
    const opened: unknown[] = [];
    const subscription = openUpstream({ stdout: copier('request') }, { containerId: 'c' }).subscribe(
      (upstream) => opened.push(upstream),
    );
    const upstream = (await appears(() => opened[0])) as Awaited<ReturnType<typeof open>>;
    subscription.unsubscribe();
    await turns();
    await write(upstream.stdout, 'still');
    await done(upstream.close());
    expect(written('request.out')).toBe('still');
  });
});

describeOnLinux('a logging program that does not start', () => {
  const at = directory();

  it.each(['binary:', 'binary://host', 'binary:logger', 'binary:///%00', 'BINARY://?key=value'])(
    'because none is named, in %s',
    async (stdout) => {
      expect(await failureOf({ stdout })).toMatchObject({
        kind: 'invalidArgument',
        field: 'stdout',
        value: stdout,
        message: 'no logging driver path provided: invalid argument',
      });
    },
  );

  it('because its URI cannot be decoded', async () => {
    expect(await failureOf({ stdout: 'binary:///%zz' })).toMatchObject({
      kind: 'invalidArgument',
      field: 'stdout',
    });
  });

  it('because it is missing', () =>
    leavesNothing(async () => {
      expect(await failureOf({ stdout: `binary://${at('missing')}` })).toMatchObject({
        kind: 'notFound',
        field: 'stdout',
        message: expect.stringMatching(/^failed to start binary logger: .*ENOENT.*: not found$/),
      });
    }));

  it('because it may not be executed', () =>
    leavesNothing(async () => {
      const path = script(at('plain'), 'true', 0o644);
      expect(await failureOf({ stdout: `binary://${path}` })).toMatchObject({
        kind: 'failedPrecondition',
        message: expect.stringMatching(/^failed to start binary logger: .*EACCES/),
      });
    }));

  it('because its arguments are too long', () =>
    leavesNothing(async () => {
      const path = script(at('true'), 'true');
      expect(await failureOf({ stdout: `binary://${path}?${'x'.repeat(300_000)}` })).toMatchObject({
        kind: 'failedPrecondition',
        message: expect.stringMatching(/^failed to start binary logger: .*E2BIG/),
      });
    }));

  it('because its arguments hold what no argument can', () =>
    leavesNothing(async () => {
      const path = script(at('nul'), 'true');
      expect(await failureOf({ stdout: `binary://${path}?a=%00` })).toMatchObject({
        kind: 'failedPrecondition',
        message: expect.stringMatching(/^failed to start binary logger: /),
      });
    }));

  it('because it never gets ready, is killed after ten seconds, with what it has started', () =>
    leavesNothing(async () => {
      const scheduler = new VirtualTimeScheduler();
      const path = script(at('never'), 'sleep 1000 & echo $! >$0.pid; wait');
      const failing = failureOf({ stdout: `binary://${path}` }, { scheduler });
      const pid = await pidIn(at('never.pid'));
      scheduler.maxFrames = 9_999;
      scheduler.flush();
      expect(await isPending(failing)).toBe(true);
      scheduler.maxFrames = 10_000;
      scheduler.flush();
      expect(await failing).toMatchObject({
        kind: 'unavailable',
        message: 'failed to start binary logger: timeout: unavailable',
      });
      await gone(pid);
    }));

  it('because its caller has unsubscribed, is killed', () =>
    leavesNothing(async () => {
      const path = script(at('unwanted'), 'echo $$ >$0.pid; sleep 1000');
      const opening = openUpstream({ stdout: `binary://${path}` }, { containerId: 'c' }).subscribe();
      const pid = await pidIn(at('unwanted.pid'));
      opening.unsubscribe();
      await gone(pid);
    }));

  it('because its caller unsubscribes at once, is killed', () =>
    leavesNothing(async () => {
      const path = script(at('at once'), 'sleep 1000');
      openUpstream({ stdout: `binary://${encodeURI(path)}` }, { containerId: 'c' })
        .subscribe()
        .unsubscribe();
      openUpstream({ stdout: `binary://${at('nowhere')}` }, { containerId: 'c' })
        .subscribe()
        .unsubscribe();
    }));
});
