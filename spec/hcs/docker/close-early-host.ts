/**
 * A program that closes a system in an existing container at several instants after its start: `node … HOST`. An unhandled
 * rejection ends it, as it ends every program.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, type Observable } from 'rxjs';
import { dockerExec } from '../../../src/hcs/docker/index.js';

const done = (act: Observable<unknown>): Promise<unknown> => lastValueFrom(act, { defaultValue: undefined });

const [host = ''] = process.argv.slice(2);
for (const wait of [0, 5, 10, 20, 40, 80]) {
  const system = dockerExec({ host, container: 'web' });
  await done(system.start());
  await delay(wait);
  await done(system.close());
}
console.log('closed');
