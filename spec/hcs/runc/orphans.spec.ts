/**
 * In a Node process of its own: where specs run, no signal reaches a listener.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { type Config, describeWithRunc, harness, runtimeScript } from './on-runc.js';

const engine = new URL('../../../dist/hcs/runc/index.js', import.meta.url);

/** Runs the text as a program that has the engine as `runc`, and answers the JSON that it prints. */
const runProgram = (program: string, settings: object): Promise<unknown> => {
  if (!existsSync(fileURLToPath(engine))) throw new Error('these specs run dist: npm run build');
  const text = `
    import { spawn } from 'node:child_process';
    import { readFileSync } from 'node:fs';
    import { firstValueFrom, lastValueFrom } from 'rxjs';
    import { runc } from ${JSON.stringify(engine.href)};
    const settings = ${JSON.stringify(settings)};
    const done = (act) => lastValueFrom(act, { defaultValue: undefined });
    const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const children = () => readFileSync(\`/proc/self/task/\${process.pid}/children\`, 'utf8').split(' ').filter(Boolean);
    const isZombie = (pid) => { try { return /\\) Z /.test(readFileSync(\`/proc/\${pid}/stat\`, 'latin1')); } catch { return false; } };
    const zombies = () => children().filter(isZombie).length;
    ${program}`;
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const cwd = fileURLToPath(new URL('../../..', import.meta.url));
    const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
      env,
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`exit ${code}: ${out}`)),
    );
  });
};

describeWithRunc('children of this process that are not awaited', () => {
  const { bundle, path, root } = harness();
  const shared = (config: Config): void => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'pid');
  };

  test('are reaped, and of a thousand children of Node beside them none is lost', async () => {
    const settings = {
      root: root(),
      // Each turn leaves an orphan, which ends at once.
      orphaning: bundle('while :; do (true &); sleep 0.02; done', shared),
      short: bundle('exit 3'),
    };
    const program = `
      const orphaning = runc({ id: 'orphaning-' + process.pid, root: settings.root, bundle: settings.orphaning });
      await firstValueFrom(orphaning.create({}));
      await done(orphaning.start());
      let ended = 0;
      let wrong = 0;
      const child = (code) => new Promise((resolve) =>
        spawn('/bin/sh', ['-c', 'exit ' + code], { stdio: 'ignore' }).once('exit', (status) => {
          ended++;
          if (status !== code) wrong++;
          resolve();
        }));
      const container = async (number) => {
        const system = runc({ id: 'short-' + process.pid + '-' + number, root: settings.root, bundle: settings.short });
        const init = await firstValueFrom(system.create({}));
        await done(system.start());
        const exit = await firstValueFrom(init.exit$);
        if (exit.code !== 3) wrong++;
        await done(system.close());
        await done(system.delete());
      };
      let containers = 0;
      let busy = true;
      const others = (async () => { while (busy) await container(containers++); })();
      let begun = 0;
      // A thousand, and as many more as it takes until some containers have lived beside them.
      for (let round = 0; round < 50 || containers < 4; round++) {
        begun += 20;
        await Promise.all(Array.from({ length: 20 }, (_, index) => child(index)));
        // Node hears of its children late now and then.
        if (round % 10 === 0) { const until = Date.now() + 200; while (Date.now() < until); }
      }
      busy = false;
      await others;
      // Reaped while the container goes on making them: there are never more than those of the last seconds.
      await pause(2_500);
      const during = zombies();
      await done(orphaning.terminate());
      await firstValueFrom(orphaning.exit$);
      await done(orphaning.close());
      await done(orphaning.delete());
      for (let looks = 0; looks < 100 && children().length > 0; looks++) await pause(100);
      console.log(JSON.stringify({ missing: begun - ended, wrong, during: during < 500, left: children().length }));
    `;
    expect(await runProgram(program, settings)).toEqual({
      missing: 0,
      wrong: 0,
      during: true,
      left: 0,
    });
  }, 120_000);

  test('are left alone as long as a runtime is under way that may have started them', async () => {
    // This runtime takes its time between the end of the process that it started and its own.
    const slow = runtimeScript(path('slow'), { exec: 'runc "$@"; code=$?; (true &); sleep 3; exit $code' });
    const settings = { root: root(), binary: slow, bundle: bundle(['sleep', '1000']) };
    const program = `
      const system = runc({ id: 'slow-' + process.pid, ...settings });
      await firstValueFrom(system.create({}));
      await done(system.start());
      const process_ = await firstValueFrom(system.createProcess({ OciProcess: { args: ['sh', '-c', 'exit 7'] } }));
      const exit = await firstValueFrom(process_.exit$);
      await done(system.terminate());
      await firstValueFrom(system.exit$);
      await done(system.close());
      await done(system.delete());
      for (let looks = 0; looks < 100 && children().length > 0; looks++) await pause(100);
      console.log(JSON.stringify({ exit, left: children().length }));
    `;
    expect(await runProgram(program, settings)).toEqual({ exit: { kind: 'exited', code: 7 }, left: 0 });
  }, 60_000);
});
