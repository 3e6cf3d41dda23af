/** Started by begin-run.mjs: waits for the end of a run, and removes what it has left. `node janitor.mjs WORD FOLDER` */
import { text } from 'node:stream/consumers';
import { leftOf, remove, removeOrphaned } from './leftovers.mjs';

const [word, folder] = process.argv.slice(2);
if (word === undefined || folder === undefined) throw new Error('usage: node janitor.mjs WORD FOLDER');

const since = Date.now();
const wasFinished = (await text(process.stdin)) !== '';
// What is about to end has a moment for it: a daemon may have to publish its last events to containerd.
for (let looks = 0; wasFinished && looks < 24 && leftOf(word, folder).length > 0; looks += 1)
  await new Promise((resolve) => setTimeout(resolve, 250));
const left = leftOf(word, folder);
await remove(word, folder);
if (wasFinished) console.log(JSON.stringify(left));
else await removeOrphaned(since);
