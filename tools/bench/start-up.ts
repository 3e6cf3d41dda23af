/**
 * What a program costs that imports the library and runs `true`, in processor time of its own process from its start to its
 * end. The built library is measured (`npm run build`), beside Node alone, the import of rxjs, and the same with execa.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from '../../src/streams/stdio/output.js';
import { type Comparison, sideBySide } from './side-by-side.js';

const programs = {
  rxshim: `import { run } from 'rxshim'; import { local } from 'rxshim/local'; await run(local(), ['true']);`,
  'rxshim, import': `import 'rxshim'; import 'rxshim/local';`,
  'rxshim, rxjs too': `import 'rxjs'; import { run } from 'rxshim'; import { local } from 'rxshim/local'; await run(local(), ['true']);`,
  'rxjs, import': `import 'rxjs';`,
  execa: `import { execa } from 'execa'; await execa('true');`,
  child_process: `import { spawn } from 'node:child_process'; import { once } from 'node:events'; await once(spawn('true', { stdio: 'ignore' }), 'exit');`,
  node: '',
} as const;

/** The clocks of the process are read at its very end. */
const report = `;process.on('exit', () => { const { user, system } = process.cpuUsage(); console.log((user + system) / 1e3); });\n`;

/** Nothing where the library has not been built. */
export const startUp = async (quick: boolean): Promise<Comparison[]> => {
  const root = process.cwd();
  if (process.platform === 'win32' || !existsSync(join(root, 'dist/index.js'))) return [];
  // Inside the package, which may import itself by its name there.
  const folder = mkdtempSync(join(root, 'dist/.start-up-'));
  try {
    const contenders = Object.entries(programs).map(([name, program], index) => {
      const path = join(folder, `${index}.mjs`);
      writeFileSync(path, `${report}${program}\n`);
      return [name, () => processorTime(path)] as const;
    });
    const row = {
      name: 'start-up and one `true`, processor time',
      unit: 'ms',
      lessIsBetter: true,
      contenders: Object.fromEntries(contenders),
    };
    return await sideBySide([row], quick ? 1 : 15);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const processorTime = async (path: string): Promise<number> => {
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const printed = await text(child.stdout);
  await ended;
  const milliseconds = Number.parseFloat(printed);
  if (!(milliseconds > 0)) throw new Error(`${path} printed ${printed}`);
  return milliseconds;
};
