/** The launcher of the containerd shim, for every architecture that there is a C compiler for. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { launcherCompilers } from './launcher-compilers.mjs';

const flags = [
  '-std=gnu11',
  '-D_GNU_SOURCE',
  '-Os',
  '-static',
  '-s',
  '-Wall',
  '-Wextra',
  '-ffunction-sections',
  '-Wl,--gc-sections',
];

/** Puts `launcher-linux-ARCH` into `outdir`. Where there is no compiler there is none: the rest works without. */
export function buildLauncher(/** @type {string} */ root, /** @type {string} */ outdir) {
  const folder = join(root, 'src/shim');
  // The keeper is the same program: one file to install, and pages of it that a start has read already.
  const sources = ['launcher', 'keeper'].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.c'))
      .sort()
      .map((name) => join(part, name)),
  );
  mkdirSync(outdir, { recursive: true });
  for (const [arch, compiler] of Object.entries(launcherCompilers())) {
    const args = [...flags, ...sources, '-o', join(outdir, `launcher-linux-${arch}`)];
    const { status, stderr, error } = spawnSync(compiler, args, { cwd: folder, encoding: 'utf8' });
    if (status === 0) continue;
    // A compiler without the C library of its target is as good as none.
    console.error(`rxshim: no launcher for ${arch}: ${compiler}: ${(error?.message ?? stderr).trim()}`);
  }
}
