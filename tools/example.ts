/** `npm run example -- NAME`: one of the worked examples, over real processes. */
import { jobs } from './example/jobs.js';
import { service } from './example/service.js';
import { supervised } from './example/supervised.js';
import { untrusted } from './example/untrusted.js';

const examples: Readonly<Record<string, () => Promise<void>>> = {
  'job-queue': jobs,
  supervisor: supervised,
  rollout: service,
  // Needs a daemon.
  sandbox: untrusted,
};

const name = process.argv[2] ?? '';
const example = examples[name];
if (example === undefined) {
  console.error(`example: one of ${Object.keys(examples).join(', ')}`);
  process.exitCode = 2;
} else await example();
