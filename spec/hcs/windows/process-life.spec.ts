import { expect, it } from '@jest/globals';
import { create, done, first, overEachLibrary, puppet, script, text } from './on-the-double.js';

overEachLibrary('a process of a Windows container', (on) => {
  const { double, running } = on;

  it('reads what it is given, and is heard on both outputs', async () => {
    const system = await running();
    const process = await create(
      system,
      script(
        `process.stdin.on('data', (d) => { process.stdout.write('out ' + d); process.stderr.write('err ' + d); })`,
      ),
    );
    await process.stdio.stdin?.write(Buffer.from('grüße'));
    await done(process.closeStdin());
    const [out, err, exit] = await Promise.all([
      text(process.stdio.stdout),
      text(process.stdio.stderr),
      first(process.exit$),
    ]);
    expect([out, err, exit]).toEqual(['out grüße', 'err grüße', { kind: 'exited', code: 0 }]);
    await done(process.close());
  });

  it('gets its environment and arguments as they were meant', async () => {
    const system = await running();
    const parameters = script(`console.log(process.env.GREETING + ' "' + ['a b', 'c\\\\'].join() + '"')`);
    const process = await create(system, { ...parameters, Environment: { GREETING: 'grüß gott' } });
    expect((await text(process.stdio.stdout)).trim()).toBe('grüß gott "a b,c\\"');
    await done(process.close());
  });

  it('carries a megabyte either way', async () => {
    const system = await running();
    const process = await create(system, script('process.stdin.pipe(process.stdout)'));
    const sent = Buffer.alloc(1 << 20, 'rxshim');
    const writing = process.stdio.stdin!.write(sent).then(() => done(process.closeStdin()));
    const got = await text(process.stdio.stdout);
    await writing;
    expect(got.length).toBe(sent.length);
    expect(got).toBe(sent.toString());
    await done(process.close());
  });

  it.each([0, 7, 255, 256, 3221225786, 4294967294])('reports its exit with code %i', async (code) => {
    const system = await running();
    const process = await puppet(on, system, 77);
    double.exit(77, code);
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code });
    // And to a late subscriber.
    expect(await first(process.exit$)).toEqual({ kind: 'exited', code });
    await done(process.close());
  });

  it('has no streams but those asked for', async () => {
    const system = await running();
    const process = await puppet(on, system, 5, { CreateStdOutPipe: true });
    expect(Object.keys(process.stdio)).toEqual(['stdout']);
    double.exit(5, 0);
    await done(process.close());
  });

  it('has an unknown exit where the service could not wait for it', async () => {
    const system = await running();
    const process = await puppet(on, system, 7);
    double.exit(7, 0, { waitResult: 5 });
    expect(await first(process.exit$)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('(5)'),
    });
    await done(process.close());
  });

  it('has an unknown exit if the document cannot be read', async () => {
    const system = await running();
    const process = await puppet(on, system, 7);
    double.trick('malformed');
    double.exit(7, 0);
    expect(await first(process.exit$)).toMatchObject({ kind: 'unknown' });
    await done(process.close());
  });

  it('has an unknown exit when it was let go of before, and runs on', async () => {
    const system = await running();
    const process = await puppet(on, system, 7);
    await done(process.close());
    expect(await first(process.exit$)).toMatchObject({ kind: 'unknown' });
    expect(await first(system.pids())).toEqual([7]);
    await done(process.close());
  });

  it('lets go of a pending read when it is let go of', async () => {
    const system = await running();
    const process = await puppet(on, system, 7);
    const reading = text(process.stdio.stdout);
    await done(process.close());
    expect(await reading).toBe('');
  });

  it('takes the size of its console', async () => {
    const system = await running();
    const process = await puppet(on, system, 7, { EmulateConsole: true, CreateStdOutPipe: true });
    await done(process.resizeConsole({ width: 80, height: 24 }));
    expect(double.count('HcsModifyProcess')).toBeGreaterThan(0);
    double.exit(7, 0);
    await done(process.close());
  });

  it('can be asked nothing once it was let go of', async () => {
    const system = await running();
    const process = await puppet(on, system, 7);
    await done(process.close());
    const refused = { message: expect.stringContaining('the handle has already been closed') };
    await expect(done(process.signal({ Signal: 'CtrlC' }))).rejects.toMatchObject(refused);
    await expect(done(process.kill())).rejects.toMatchObject(refused);
    await expect(done(process.resizeConsole({ width: 1, height: 1 }))).rejects.toMatchObject(refused);
    await expect(done(process.closeStdin())).rejects.toMatchObject(refused);
    await done(process.closeStdout());
  });

  it('that cannot be started says so as a shell would', async () => {
    const system = await running();
    await expect(create(system, { CommandLine: 'no-such-program-here' })).rejects.toMatchObject({
      name: 'RxshimError',
      kind: 'notFound',
      exitStatus: 127,
      message: expect.stringContaining('hcs::System::CreateProcess: no-such-program-here'),
    });
  });
});
