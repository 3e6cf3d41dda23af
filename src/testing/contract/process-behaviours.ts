/** Exit, signals and the identity of a process. */
import assert from 'node:assert/strict';
import { statusOf } from '../../hcs/contract/exit-code.js';
import { kindOf, RxshimError } from '../../hcs/failures/errors.js';
import { type Behaviour, behaviour } from './behaviour.js';

const exitCodes = [0, 7, 255].map((code) =>
  behaviour(`a process that exits with ${code} is reported once, also to late subscribers`, async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'exit', code });
    const early = bench.all(process.exit$, 'exit$');
    await bench.exit(process);
    const expected = [{ kind: 'exited', code }];
    assert.deepEqual(await early, expected);
    assert.deepEqual(await bench.all(process.exit$, 'exit$, subscribed to late'), expected);
  }),
);

export const processBehaviours: readonly Behaviour[] = [
  ...exitCodes,

  behaviour('acts do nothing before they are subscribed to', async (bench) => {
    // It has no children, and ends if its input is closed.
    const { system, init } = await bench.open({ does: 'cat' });
    init.kill();
    init.close();
    init.closeStdin();
    system.terminate();
    system.shutdown();
    system.close();
    // Whatever those had caused would come before the exit of another process.
    await bench.exit(await bench.start(system, { does: 'exit', code: 0 }));
    assert((await bench.first(system.pids(), 'pids')).includes(init.pid), 'the init has ended');
  }),

  behaviour('the end of a further process ends nothing else', async (bench) => {
    const { system, init } = await bench.open({ does: 'cat' });
    await bench.exit(await bench.start(system, { does: 'exit', code: 3 }));
    assert((await bench.first(system.pids(), 'pids')).includes(init.pid), 'the init has ended');
  }),

  behaviour('many processes at once each have their own output and exit code', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const codes = Array.from({ length: 12 }, (_, index) => index + 1);
    const outcomes = await Promise.all(
      codes.map(async (code) => {
        const process = await bench.start(system, { does: 'print', stdout: `out ${code}`, stderr: '', code });
        const [stdout, exit] = await Promise.all([bench.text(process.stdio.stdout), bench.exit(process)]);
        return { stdout, exit };
      }),
    );
    assert.deepEqual(
      outcomes,
      codes.map((code) => ({ stdout: `out ${code}`, exit: { kind: 'exited', code } })),
    );
  }),

  behaviour('pids are those of the processes that run', async (bench) => {
    const { system, init } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'wait' });
    const pids = await bench.first(system.pids(), 'pids');
    assert(pids.includes(init.pid), `the init ${init.pid} is not among ${pids}`);
    assert(pids.includes(process.pid), `the process ${process.pid} is not among ${pids}`);
    await bench.done(process.kill(), 'kill');
    await bench.exit(process);
    assert(!(await bench.first(system.pids(), 'pids')).includes(process.pid), 'an ended process is listed');
  }),

  behaviour('a signal to a running process is delivered, and the process acts on it', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'wait' });
    await bench.until(process.stdio.stdout, 'ready');
    assert.equal(await bench.term(system, process), 'delivered');
    assert.notEqual((await bench.exit(process)).kind, 'unknown');
  }),

  behaviour('a process that ignores SIGTERM runs on, and kill ends it', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'ignore' });
    await bench.until(process.stdio.stdout, 'ready');
    await bench.term(system, process);
    await bench.exit(await bench.start(system, { does: 'exit', code: 0 }));
    assert((await bench.first(system.pids(), 'pids')).includes(process.pid), 'SIGTERM ended the process');
    assert.equal(await bench.first(process.kill(), 'kill'), 'delivered');
    assert.notEqual(statusOf(await bench.exit(process)), 0);
  }),

  behaviour(
    'a killed process is reported as signaled, with code 128 + 9',
    async (bench) => {
      const { system } = await bench.open({ does: 'wait' });
      const process = await bench.start(system, { does: 'wait' });
      await bench.done(process.kill(), 'kill');
      assert.deepEqual(await bench.exit(process), { kind: 'signaled', signal: 9, code: 137 });
    },
    'exitSignals',
  ),

  behaviour('a kill that is unsubscribed from is carried out', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'ignore' });
    await bench.until(process.stdio.stdout, 'ready');
    process.kill().subscribe().unsubscribe();
    assert.notEqual(statusOf(await bench.exit(process)), 0);
  }),

  behaviour('a signal or kill for a process that has ended is not delivered', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'exit', code: 0 });
    await bench.exit(process);
    // A service may know that the process has ended before it reports the exit.
    const answers = ['notDelivered', 'alreadyStopped'];
    const signalled = await bench.term(system, process);
    assert(answers.includes(String(signalled)), `the signal was answered ${String(signalled)}`);
    const killed = await bench.first(process.kill(), 'kill');
    assert(answers.includes(String(killed)), `the kill was answered ${String(killed)}`);
  }),

  behaviour('a process may be closed twice, which does not end it', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const process = await bench.start(system, { does: 'ignore' });
    await bench.until(process.stdio.stdout, 'ready');
    await bench.done(process.close(), 'close');
    await bench.done(process.close(), 'the second close');
    await bench.exit(await bench.start(system, { does: 'exit', code: 0 }));
    assert((await bench.first(system.pids(), 'pids')).includes(process.pid), 'close ended the process');
  }),

  behaviour('a missing program is an error of kind notFound with exit status 127', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const error = await bench.start(system, { does: 'missing' }).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert(error instanceof RxshimError, `expected an RxshimError, got ${String(error)}`);
    assert.deepEqual([kindOf(error), error.exitStatus], ['notFound', 127]);
  }),

  behaviour('arguments and environment arrive unchanged', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    const args = ['a b', '', 'quote " and \\', '$HOME `x` *', 'grüß'];
    const process = await bench.start(system, { does: 'describe', name: 'grüß "gott" = $x', args });
    const lines = ['grüß "gott" = $x', ...args];
    const output = (await bench.text(process.stdio.stdout)).replaceAll('\r\n', '\n');
    assert.equal(output, `${lines.join('\n')}\n`);
  }),

  behaviour(
    'a tree is killed with the children that a process has started',
    async (bench) => {
      const { system, init } = await bench.open({ does: 'cat' });
      const process = await bench.start(system, { does: 'spawn' });
      await bench.until(process.stdio.stdout, 'ready');
      const tree = process.tree;
      assert(tree !== undefined, 'the process has no tree');
      const gone = bench.all(tree.gone$, 'gone$');
      assert.equal(await bench.first(tree.kill(), 'kill of the tree'), 'delivered');
      await gone;
      assert.deepEqual(await bench.first(system.pids(), 'pids'), [init.pid]);
    },
    'tree',
  ),
];
