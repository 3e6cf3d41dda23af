/**
 * The programs that the contract tests run, as data, and how they are written for two kinds of host.
 */
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';

/** The program of a process in a contract test. */
export type ContractProgram =
  /** Exits with a code. */
  | { readonly does: 'exit'; readonly code: number }
  /** Writes to stdout and stderr, then exits with a code. */
  | { readonly does: 'print'; readonly stdout: string; readonly stderr: string; readonly code: number }
  /** Writes so many zero bytes to stdout and exits with 0. */
  | { readonly does: 'flood'; readonly bytes: number }
  /** Copies stdin to stdout and exits with 0 at the end of its input. */
  | { readonly does: 'cat' }
  /** Writes `ready`, then runs until it is signalled, and obeys SIGTERM. */
  | { readonly does: 'wait' }
  /** Writes `ready`, then runs until it is killed: it ignores SIGTERM. */
  | { readonly does: 'ignore' }
  /** Starts a child that runs on, writes `ready` and waits for the child. */
  | { readonly does: 'spawn' }
  /** Writes the variable NAME, then each argument, a line each, and exits with 0. */
  | { readonly does: 'describe'; readonly name: string; readonly args: readonly string[] }
  /** Has a terminal; for each line of input it writes the size of the terminal as `rows columns`. */
  | { readonly does: 'size' }
  /** Cannot be run: there is no such program. */
  | { readonly does: 'missing' };

const searchPath = 'PATH=/usr/local/bin:/usr/bin:/bin';

/** The programs as scripts for `sh`. The host needs `sh`, `cat`, `head`, `sleep` and `stty`, as busybox has them. */
export const shellProgram = (program: ContractProgram): ProcessSpec => {
  const script = (text: string, ...args: string[]): ProcessSpec => ({
    args: ['sh', '-c', text, 'sh', ...args],
    env: [searchPath],
    cwd: '/',
  });
  switch (program.does) {
    case 'exit':
      return script('exit "$1"', String(program.code));
    case 'print':
      return script(
        'printf %s "$1"; printf %s "$2" >&2; exit "$3"',
        program.stdout,
        program.stderr,
        String(program.code),
      );
    case 'flood':
      return script('head -c "$1" /dev/zero', String(program.bytes));
    case 'cat':
      return script('exec cat');
    case 'wait':
      return script("trap 'exit 0' TERM; echo ready; while :; do sleep 0.02; done");
    case 'ignore':
      return script("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    case 'spawn':
      return script('sleep 1000 & echo ready; wait');
    case 'describe':
      return {
        ...script('printf "%s\\n" "$NAME" "$@"', ...program.args),
        env: [searchPath, `NAME=${program.name}`],
      };
    case 'size':
      return { ...script('while read -r _; do stty size; done'), terminal: true };
    case 'missing':
      return { args: ['/no/such/program'], env: [searchPath], cwd: '/' };
  }
};

/** The programs as scripts for Node.js, for hosts without a shell: Windows. */
export const nodeProgram = (program: ContractProgram): ProcessSpec => {
  const script = (text: string, ...args: string[]): ProcessSpec => ({
    args: [process.execPath, '-e', text, '--', ...args],
  });
  switch (program.does) {
    case 'exit':
      return script('process.exitCode = Number(process.argv[1])', String(program.code));
    case 'print':
      return script(
        'const [, out, err, code] = process.argv; process.stdout.write(out); process.stderr.write(err); process.exitCode = Number(code)',
        program.stdout,
        program.stderr,
        String(program.code),
      );
    case 'flood':
      return script('process.stdout.write(Buffer.alloc(Number(process.argv[1])))', String(program.bytes));
    case 'cat':
      return script('process.stdin.pipe(process.stdout)');
    case 'wait':
      return script("console.log('ready'); setInterval(() => {}, 60_000)");
    case 'ignore':
      return script("process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 60_000)");
    case 'spawn':
      return script(
        "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)']); console.log('ready')",
      );
    case 'describe':
      return {
        ...script("console.log([process.env.NAME, ...process.argv.slice(1)].join('\\n'))", ...program.args),
        env: [`NAME=${program.name}`],
      };
    case 'size':
      return {
        ...script("process.stdin.on('data', () => console.log(process.stdout.rows, process.stdout.columns))"),
        terminal: true,
      };
    case 'missing':
      return { args: ['no-such-program'] };
  }
};
