/**
 * `node scripts/tool.mjs guest-scenarios SOCKETS ROOTFS [--keeps] [--only TEXT] -- COMMAND…`: drives a real guest agent as a user does, and
 * with the contract test kit.
 *
 *     SOCKETS  the path of the sockets, without `_PORT`, which the agent dials
 *     ROOTFS   a root filesystem with busybox, as the agent sees it
 *     --keeps  the agent connects again after its connection was lost, and keeps its containers
 *     COMMAND  starts the agent; its first descendant without children is the agent itself
 *
 * Each scenario has an agent of its own. Exit 1 if a scenario fails. Microsoft's agent is not part of this project:
 * docs/lcow.md says which versions were run, and how.
 */
import { contractTests } from '../src/testing/contract/index.js';
import { agentOf } from './guest-scenarios/agent.js';
import { contractOf } from './guest-scenarios/contract.js';
import { scenarios } from './guest-scenarios/scenarios.js';

const separator = process.argv.indexOf('--');
const [sockets = '', rootfs = '', ...options] = process.argv.slice(2, separator);
const [command = '', ...args] = process.argv.slice(separator + 1);
const keeps = options.includes('--keeps');
const only = options.includes('--only') ? (options.at(-1) ?? '') : '';

const agent = () => agentOf({ sockets, rootfs, command, args });
const contract = contractOf(agent, { rootfs, keeps });
const all = [
  ...scenarios.map(({ name, needsKeeping, run }) => ({
    name,
    skip: needsKeeping && !keeps ? 'the agent keeps nothing' : undefined,
    run: () => run(agent()),
  })),
  ...contractTests(contract.engine).map((test) => ({ ...test, name: `contract: ${test.name}` })),
].filter(({ name }) => name.includes(only));

const count = { right: 0, wrong: 0, skipped: 0 };
for (const { name, skip, run } of all) {
  if (skip !== undefined) {
    count.skipped += 1;
    continue;
  }
  const began = performance.now();
  try {
    await run();
    count.right += 1;
    console.log(`right  ${(performance.now() - began).toFixed(0).padStart(6)} ms  ${name}`);
  } catch (error) {
    count.wrong += 1;
    console.log(`WRONG  ${(performance.now() - began).toFixed(0).padStart(6)} ms  ${name}`);
    console.log(error);
  }
}
await contract.release();
console.log(JSON.stringify(count));
process.exit(count.wrong > 0 ? 1 : 0);
