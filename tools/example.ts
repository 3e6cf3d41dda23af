/** `npm run example -- NAME`: one of the worked orchestrators, over real processes of this host. */
import { jobs } from './example/jobs.js';
import { service } from './example/service.js';
import { supervised } from './example/supervised.js';

const examples: Readonly<Record<string, () => Promise<void>>> = {
  'job-queue': jobs,
  supervisor: supervised,
  rollout: service,
};

const name = process.argv[2] ?? '';
const example = examples[name];
if (example === undefined) {
  console.error(`example: one of ${Object.keys(examples).join(', ')}`);
  process.exitCode = 2;
} else await example();
