import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { lives } from '../../hcs/local/on-this-host.js';
import { saysReady } from '../../support/ready.js';
import { describeOnLinux, scratch, shell, start } from '../rxshim.js';

const loop = 'while :; do sleep 0.02; done';

describeOnLinux('stopping rxshim run', () => {
  const at = scratch();

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    'passes %s on, and ends by it as the command does',
    async (signal) => {
      const running = start(shell(saysReady));
      await running.said(/ready/);
      running.child.kill(signal);
      expect(await running.ended).toMatchObject({ code: null, signal, stderr: '' });
    },
  );

  it('exits where the command was ended by another signal than the one that came', async () => {
    const running = start(shell(`trap 'trap - INT; kill -INT $$' TERM; echo ready; ${loop}`));
    await running.said(/ready/);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 130 });
  });

  it('lets a command tidy up, and takes its exit code', async () => {
    const running = start(shell(`trap 'echo tidied; exit 7' TERM; echo ready; ${loop}`));
    await running.said(/ready/);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 7, stdout: 'ready\ntidied\n' });
  });

  it('sends the signal that was chosen instead', async () => {
    const running = start(shell(`trap 'exit 8' USR1; echo ready; ${loop}`, '--stop-signal', 'usr1'));
    await running.said(/ready/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 8 });
  });

  it('kills a command that does not stop in time', async () => {
    const running = start(shell(`trap '' TERM; echo ready; ${loop}`, '--stop-timeout', '50ms'));
    await running.said(/ready/);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 137 });
  });

  it('kills at once when asked twice', async () => {
    const running = start(shell(`trap 'echo asked' INT; echo ready; ${loop}`, '--stop-timeout', '10m'));
    await running.said(/ready/);
    running.child.kill('SIGINT');
    await running.said(/asked/);
    // As a user who presses the key until it works: what comes within 100 ms is the same request.
    const pressing = setInterval(() => running.child.kill('SIGINT'), 150);
    expect(await running.ended).toMatchObject({ code: 137 });
    clearInterval(pressing);
  });

  it('leaves nothing of the command behind', async () => {
    const file = at('grandchild');
    const running = start(shell(`sh -c 'trap "" TERM; echo $$ >${file}; echo ready; exec sleep 600' & wait`));
    await running.said(/ready/);
    running.child.kill('SIGTERM');
    await running.ended;
    expect(lives(Number(readFileSync(file, 'utf8')))).toBe(false);
  });
});
