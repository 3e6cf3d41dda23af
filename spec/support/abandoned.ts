/** What a program leaves that is killed: it is run with these arguments until it prints the first text, which is returned. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export const abandonedBy = async (program: string, ...args: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [text] = await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await exited;
  return String(text);
};
