/** A program that runs a sandbox until it is killed: `node … HOST OWNER SCRIPT`. Started by a spec. */
import { openSandbox } from '../../examples/sandbox/sandbox.js';

const [host = '', owner = '', script = ''] = process.argv.slice(2);
const sandbox = await openSandbox({ image: 'bb', host, owner, warm: 1 });
sandbox.run(['sh', '-c', script]).subscribe((event) => {
  if (event.kind === 'output') process.stdout.write(event.bytes);
});
