/** A program that owns a container, in a process of its own, to be killed at a given point. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = (path: string): string => {
  const url = new URL(`../../../../dist/${path}`, import.meta.url);
  if (!existsSync(fileURLToPath(url))) throw new Error('these specs run dist: npm run build');
  return url.href;
};

export interface Owner {
  /** Resolves with the line when the program prints it. */
  printed(line: string): Promise<void>;
  /** Kills it with SIGKILL, and resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Runs a program that has `createTask`, `adoptTask`, `runc`, `settings`, and `print`. It stays until it is killed, unless
 * the text ends it.
 */
export const owner = (text: string, settings: object): Owner => {
  const program = `
    import { createTask, adoptTask } from ${JSON.stringify(dist('index.js'))};
    import { runc, runcRegistry } from ${JSON.stringify(dist('hcs/runc/index.js'))};
    const settings = ${JSON.stringify(settings)};
    const print = (line) => process.stdout.write(line + '\\n');
    const containerOf = (id, bundle) => runc({
      id, bundle, root: settings.root,
      records: { directory: settings.directory, ownership: { owner: 'spec', run: 'first' } },
    });
    setInterval(() => undefined, 1_000);
    ${text}`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env,
    cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    out += chunk;
    for (const look of waiting) look();
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    printed: (line) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (out.split('\n').includes(line)) resolve();
        };
        waiting.add(look);
        void closed.then(() => reject(new Error(`the owner ended without ${line}: ${out}`)));
        look();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
};
