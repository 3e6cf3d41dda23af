/**
 * `node scripts/tool.mjs stress-guest [sessions] [first]`: sessions with an agent that is killed, stopped and connected to
 * again at every step. Exit 1 after a wrong exit.
 */
import { fileURLToPath } from 'node:url';
import { guestSessions } from './stress/guest-sessions.js';

const [sessions = 1_000, first = 0] = process.argv.slice(2).map(Number);
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const began = performance.now();
const { wrong, ...counts } = await guestSessions(main, sessions, first);
console.log(JSON.stringify({ ...counts, wrong: wrong.length }));
for (const one of wrong) console.log(one);
console.log(`in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
process.exitCode = wrong.length > 0 ? 1 : 0;
