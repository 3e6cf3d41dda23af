/** What a shell completes, asked from the real shell where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { describeOnLinux, rxshim, scratch } from './rxshim.js';

const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

describeOnLinux('rxshim completion', () => {
  const at = scratch();

  describe('bash', () => {
    const completed = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await rxshim(['completion', 'bash']);
      const file = at('completion.bash');
      writeFileSync(file, stdout);
      const script = `source ${file}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rxshim; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const out = execFileSync('bash', ['--norc', '-c', script, 'bash', 'rxshim', ...words]);
      // A program may be in several folders of PATH.
      return [...new Set(out.toString().trim().split('\n'))].sort();
    };

    it('completes commands, options, and commands below commands', async () => {
      expect(await completed('de')).toEqual(['demo']);
      expect(await completed('run', '--stop-')).toEqual(['--stop-signal', '--stop-timeout']);
      expect(await completed('run', '--env', 'A=1', '--stop-s')).toEqual(['--stop-signal']);
      expect(await completed('shim', 'ins')).toEqual(['install']);
      expect(await completed('shim', 'install', '--und')).toEqual(['--undo']);
    });

    it('completes the names of programs after run, and leaves their arguments to files', async () => {
      expect(await completed('run', '--', 'mkfif')).toEqual(['mkfifo']);
      expect(await completed('run', 'mkfif')).toEqual(['mkfifo']);
      expect(await completed('run', '--', 'ls', '--al')).toEqual(['']);
    });
  });

  it.each(['zsh', 'fish'])(
    'a script for %s, which that shell can parse if it is installed',
    async (shell) => {
      const { code, stdout } = await rxshim(['completion', shell]);
      expect(code).toBe(0);
      for (const word of ['stop-timeout', 'kill-others', 'install', 'agent']) expect(stdout).toContain(word);
      if (!isInstalled(shell)) return;
      const file = at(`completion.${shell}`);
      writeFileSync(file, stdout);
      execFileSync(shell, ['-n', file]);
    },
  );

  it('refuses another shell in one line', async () => {
    expect(await rxshim(['completion', 'tcsh'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'rxshim: SHELL: expected bash, zsh or fish, got "tcsh"\n',
    });
  });
});
