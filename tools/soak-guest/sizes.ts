/**
 * How much this program holds: memory after a collection, descriptors, children, what keeps the event loop alive, and the
 * entries of every Map and Set in the heap, which no list of them could forget.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as after } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Each by its name. */
export type Sizes = Readonly<Record<string, number>>;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export const sizesOf = async (): Promise<Sizes> => {
  // What is closed late, and finalizers.
  for (let round = 0; round < 3; round += 1) {
    await after(100);
    collect();
  }
  const entries = await entriesOfCollections();
  return {
    'heap, bytes': process.memoryUsage().heapUsed,
    'buffers, bytes': process.memoryUsage().arrayBuffers,
    descriptors: readdirSync('/proc/self/fd').length,
    children: childrenOf().length,
    ...entries,
    ...active(),
  };
};

const childrenOf = (): readonly string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').split(' ').filter(Boolean);

const active = (): Sizes => {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const entriesOfCollections = async (): Promise<Sizes> => {
  const session = new Session();
  session.connect();
  try {
    return {
      'entries of maps': await entriesOf(session, 'Map'),
      'entries of sets': await entriesOf(session, 'Set'),
    };
  } finally {
    session.disconnect();
  }
};

const entriesOf = async (session: Session, name: 'Map' | 'Set'): Promise<number> => {
  const group = { objectGroup: 'sizes' };
  const { result } = await session.post('Runtime.evaluate', { expression: `${name}.prototype`, ...group });
  const { objects } = await session.post('Runtime.queryObjects', {
    prototypeObjectId: result.objectId as string,
    ...group,
  });
  const { result: total } = await session.post('Runtime.callFunctionOn', {
    objectId: objects.objectId as string,
    functionDeclaration: 'function () { return this.reduce((sum, { size }) => sum + size, 0); }',
    returnByValue: true,
  });
  await session.post('Runtime.releaseObjectGroup', group);
  return total.value as number;
};
