import { expect, it } from '@jest/globals';
import type { Trick } from '../../../doubles/hcs/control.js';
import { create, done, exits, first, overEachLibrary, pause, puppet } from '../on-the-double.js';

overEachLibrary('notifications that come', (on) => {
  const { double, running } = on;

  it.each<[Trick]>([['early'], ['twice'], ['late'], ['foreign']])(
    '%s change nothing about a life',
    async (trick) => {
      double.trick(trick);
      const system = await running();
      for (let life = 0; life < 3; life += 1) {
        const process = await create(system, exits(3));
        const emitted: unknown[] = [];
        process.exit$.subscribe({
          next: (exit) => emitted.push(exit),
          complete: () => emitted.push('complete'),
        });
        await done(process.exit$);
        expect(emitted).toEqual([{ kind: 'exited', code: 3 }, 'complete']);
        await done(process.close());
      }
      await done(system.terminate());
      expect(await first(system.exit$)).toEqual({ reason: 'ended' });
    },
  );

  it('after the end of everything are ignored', async () => {
    const system = await running();
    const process = await puppet(on, system, 7);
    const emitted: unknown[] = [];
    process.exit$.subscribe((exit) => emitted.push(exit));
    double.trick('late');
    await done(process.close());
    double.exit(7, 0);
    await done(system.close());
    await pause(50);
    expect(emitted).toEqual([{ kind: 'unknown', reason: expect.stringContaining('closed') }]);
    await done(on.opened(system.id).terminate());
  });
});
