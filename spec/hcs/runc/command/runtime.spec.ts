/** The processes of the runtime's own commands, and what a container's processes inherit from them. */
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { done, text } from '../../local/on-this-host.js';
import { created, describeWithRunc, disposed, harness, runtimeScript } from '../on-runc.js';

describeWithRunc('a runtime', () => {
  const { container, path } = harness();

  it('runs in the directory of the bundle, where wrappers look for config.json', async () => {
    const seen = path('seen');
    const noted = `echo $verb $(grep -c ociVersion config.json) >>${seen}`;
    const binary = runtimeScript(path('wrapper'), {
      create: noted,
      start: noted,
      kill: noted,
      delete: noted,
    });
    const running = container('sleep 600', { binary });
    await created(running);
    await done(running.start());
    await disposed(running);
    expect(readFileSync(seen, 'utf8')).toBe('create 1\nstart 1\nkill 1\ndelete 1\n');
  });

  it('starts processes that ignore no signal, neither those of the C library', async () => {
    const running = container(['grep', 'SigIgn', '/proc/self/status']);
    const init = await created(running);
    await done(running.start());
    expect(await text(init.stdio.stdout)).toBe('SigIgn:\t0000000000000000\n');
    await firstValueFrom(init.exit$);
    await disposed(running);
  });
});
