/** The sandbox, with the daemon of this machine and the image `busybox`. */
import { collected, openSandbox } from '../../examples/sandbox/sandbox.js';

const codes = ['echo hello', 'x=a; while :; do x=$x$x; done', 'trap "" TERM; while :; do :; done', 'yes'];

export const untrusted = async (): Promise<void> => {
  const sandbox = await openSandbox({
    image: 'busybox',
    owner: 'rxshim-example',
    limits: { timeout: 2_000 },
  });
  for (const code of codes) {
    const { reason, status, stdout } = await collected(sandbox.run(['sh'], code));
    console.log(`${code}: ${reason}, status ${status}, ${stdout.length} characters`);
  }
  await sandbox.close();
};
