import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ComputeProcess } from '../../../../src/hcs/contract/compute-process.js';
import type { ComputeSystem, Descriptors } from '../../../../src/hcs/contract/compute-system.js';
import type { ProcessParameters } from '../../../../src/hcs/contract/process-parameters.js';
import { local } from '../../../../src/hcs/local/index.js';
import { createTask } from '../../../../src/index.js';
import { done, first, pause, script, text } from '../../windows/on-the-double.js';

const systems: ComputeSystem[] = [];
const system = (): ComputeSystem => {
  const made = local();
  systems.push(made);
  return made;
};

afterEach(async () => {
  for (const system of systems.splice(0)) {
    await done(system.terminate());
    await first(system.exit$);
  }
});

const all = { CreateStdInPipe: true, CreateStdOutPipe: true, CreateStdErrPipe: true };
const create = (
  on: ComputeSystem,
  parameters: ProcessParameters,
  descriptors?: Descriptors,
): Promise<ComputeProcess> => first(on.createProcess({ ...all, ...parameters }, descriptors));

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const lingering = 'setTimeout(() => {}, 60_000)';

describe('a process of this Windows', () => {
  it('reads what it is given, and is heard on both outputs', async () => {
    const process = await create(
      system(),
      script(
        `process.stdin.on('data', (d) => { process.stdout.write('out ' + d); process.stderr.write('err ' + d); })`,
      ),
    );
    await process.stdio.stdin?.write(Buffer.from('hello'));
    await done(process.closeStdin());
    const { stdout, stderr } = process.stdio;
    const [out, err, exit] = await Promise.all([text(stdout), text(stderr), first(process.exit$)]);
    expect([out, err, exit]).toEqual(['out hello', 'err hello', { kind: 'exited', code: 0 }]);
    await done(process.close());
  });

  it.each([0, 7, 255, 256, 4294967294])('reports its exit with code %i', async (code) => {
    const process = await create(system(), { CommandLine: `cmd /c exit ${code | 0}` });
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code });
    expect(await first(process.kill())).toBe('notDelivered');
    await done(process.close());
  });

  it('carries a megabyte either way', async () => {
    const process = await create(system(), script('process.stdin.pipe(process.stdout)'));
    const sent = Buffer.alloc(1 << 20, 'rxshim');
    const writing = process.stdio.stdin!.write(sent).then(() => done(process.closeStdin()));
    expect((await text(process.stdio.stdout)) === sent.toString()).toBe(true);
    await writing;
    await done(process.close());
  });

  it('has its variables beside those of the host, and its directory', async () => {
    const process = await create(system(), {
      ...script('console.log(process.env.GREETING, !!process.env.SYSTEMROOT, process.cwd())'),
      Environment: { GREETING: 'grüß gott' },
      WorkingDirectory: 'C:\\windows',
    });
    expect((await text(process.stdio.stdout)).trim()).toBe('grüß gott true C:\\windows');
    await done(process.close());
  });

  it('can be killed', async () => {
    const on = system();
    const process = await create(on, script(lingering));
    expect(await first(on.pids())).toContain(process.pid);
    expect(await first(process.kill())).toBe('delivered');
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code: 1 });
    await done(process.close());
  });

  it('writes to a file that it was handed', async () => {
    const file = join(tmpdir(), `rxshim-${process.pid}.txt`);
    const fd = openSync(file, 'w');
    const child = await create(
      system(),
      { ...script(`process.stdout.write('to the file')`) },
      { stdout: fd },
    );
    closeSync(fd);
    expect(child.stdio.stdout).toBeUndefined();
    await first(child.exit$);
    expect(readFileSync(file, 'utf8')).toBe('to the file');
    rmSync(file);
    await done(child.close());
  });

  it.each([
    ['that there is none of', { CommandLine: 'no-such-program' }, { kind: 'notFound', exitStatus: 127 }],
    ['in no directory', { CommandLine: 'cmd /c exit', WorkingDirectory: 'C:\\no\\such' }, { field: 'cwd' }],
    ['without a command', {}, { kind: 'invalidArgument', field: 'args' }],
  ] as const)('%s is refused', async (_, parameters, error) => {
    await expect(create(system(), parameters)).rejects.toMatchObject(error);
  });
});

describe('the job of this Windows', () => {
  it('ends with its init, and takes everything that anyone in it started', async () => {
    const on = system();
    const init = await create(on, script(lingering));
    const parent = await create(
      on,
      script(
        `const { spawn } = require('node:child_process');
         const child = spawn(process.execPath, ['-e', '${lingering}'], { detached: true, stdio: 'ignore' });
         child.unref(); console.log(child.pid); process.exitCode = 3;`,
      ),
    );
    const grandchild = Number(await text(parent.stdio.stdout));
    expect(await first(parent.exit$)).toEqual({ kind: 'exited', code: 3 });
    expect(alive(grandchild)).toBe(true);
    expect(await first(on.pids())).toContain(grandchild);
    await first(init.kill());
    expect(await first(on.exit$)).toEqual({ reason: 'ended' });
    for (let turn = 0; alive(grandchild) && turn < 100; turn += 1) await pause(10);
    expect(alive(grandchild)).toBe(false);
    for (const process of [init, parent]) await done(process.close());
  });

  it('takes no process when it has ended', async () => {
    const on = system();
    await done(on.terminate());
    await first(on.exit$);
    await expect(create(on, { CommandLine: 'cmd /c exit' })).rejects.toMatchObject({
      kind: 'failedPrecondition',
    });
  });
});

describe('a task on this Windows', () => {
  it('lives, and is stopped', async () => {
    const task = await createTask({
      id: 'task',
      system: local(),
      spec: { args: [process.execPath, '-e', lingering] },
    });
    await task.init.start();
    const exec = await task.createExec({
      id: 'exec',
      spec: { args: ['cmd', '/c', 'echo hello'] },
      stdio: { stdout: 'pipe' },
    });
    await exec.start();
    let said = '';
    for await (const chunk of exec.stdout!) said += Buffer.from(chunk).toString();
    expect(said.trim()).toBe('hello');
    expect(await exec.wait()).toMatchObject({ status: 0 });
    expect(await task.stop({ signal: 'SIGTERM', grace: 1_000 })).toMatchObject({ status: 1 });
    await task.delete();
  });
});
