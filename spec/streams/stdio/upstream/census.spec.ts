import { closeSync, writeFileSync } from 'node:fs';
import { it } from '@jest/globals';
import { openPipe } from '../../../../src/hcs/native/index.js';
import type { UpstreamRequest } from '../../../../src/streams/stdio/upstream/index.js';
import { describeOnLinux, makeFifo, turns } from '../../../hcs/native/on-linux.js';
import { directory, done, failureOf, leavesNothing, open, pull, script, write } from './on-upstream.js';

describeOnLinux('an upstream leaves no descriptor open', () => {
  const at = directory();

  const requests: [string, () => UpstreamRequest][] = [
    ['named pipes', () => ({ stdin: at('in'), stdout: at('out'), stderr: at('err') })],
    ['one named pipe for both outputs', () => ({ stdin: at('in'), stdout: at('out'), stderr: at('out') })],
    ['files', () => ({ stdin: '/dev/null', stdout: at('log'), stderr: at('log2') })],
    ['a file for both outputs', () => ({ stdout: `file://${at('made/log')}` })],
    ['pipes of the caller', () => ({ stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' })],
    ['what is inherited', () => ({ stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' })],
    ['a logging program', () => ({ stdout: `binary://${at('logger')}` })],
  ];

  it.each(requests)('with %s, unused', (_what, request) =>
    leavesNothing(async () => {
      prepare();
      for (let count = 0; count < 20; count++) {
        const upstream = await open(request());
        await done(upstream.closeStdin());
        await done(upstream.close());
        await done(upstream.close());
        await done(upstream.closeStdin());
      }
    }),
  );

  it.each(requests.filter(([what]) => !what.includes('inherit')))('with %s, in use', (_what, request) =>
    leavesNothing(async () => {
      prepare();
      for (let count = 0; count < 20; count++) {
        const { stdin, stdout, stderr, close } = await open(request());
        const reading = stdin && pull(stdin);
        const writing = [stdout, stderr].map((sink) => sink && write(sink, 'x'.repeat(70_000)));
        await turns(count % 3);
        const settled = Promise.allSettled([reading, ...writing]);
        await done(close());
        await settled;
      }
    }),
  );

  it('when one of its streams cannot be opened', () =>
    leavesNothing(async () => {
      prepare();
      for (let count = 0; count < 20; count++)
        await failureOf({ stdin: at('in'), stdout: at('out'), stderr: at('missing/err') });
    }));

  it('and closes none that is not its own any more', async () => {
    prepare();
    const upstream = await open({ stdin: at('in'), stdout: at('out'), stderr: at('out') });
    await done(upstream.close());
    // These get the numbers that were just free.
    const others = [openPipe(), openPipe()];
    await done(upstream.closeStdin());
    await done(upstream.close());
    for (const fd of others.flatMap(({ read, write: end }) => [read, end])) closeSync(fd);
  });

  let prepared = false;
  const prepare = (): void => {
    if (prepared) return;
    prepared = true;
    for (const name of ['in', 'out', 'err']) makeFifo(at(name));
    writeFileSync(at('log'), '');
    script(at('logger'), 'exec 5>&-; cat <&3 >/dev/null & cat <&4 >/dev/null & wait');
  };
});
