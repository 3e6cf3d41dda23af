/** The library beside the shims: a container of runc whose stdout is a path, made from a bundle of the shims' host. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ShimHost } from '../../spec/support/containerd/shim-host.js';
import { becomeSubreaper } from '../../src/hcs/native/process/descendants/subreaper.js';
import { setHelperProgram } from '../../src/hcs/native/process/helper-program.js';
import { runc } from '../../src/hcs/runc/index.js';
import { createTask } from '../../src/streams/task/task.js';

export interface LibraryContainer {
  /** From the start of the container until its output is in the file and the container is deleted. */
  run(): Promise<void>;
}

export const containerOfLibrary = async (
  host: ShimHost,
  spec: Parameters<ShimHost['bundle']>[0],
  stdout: string,
): Promise<LibraryContainer> => {
  const { id, path } = host.bundle(spec);
  const document = join(path, 'config.json');
  // The shims mount the root filesystem from there.
  const config = { ...JSON.parse(readFileSync(document, 'utf8')), root: { path: host.rootfs } };
  writeFileSync(document, JSON.stringify(config));
  // The processor time of a container is that of its parent, as it is for a shim.
  becomeSubreaper();
  // The program that copies is part of the package, not of the bench.
  setHelperProgram(fileURLToPath(new URL(`../dist/shim/launcher-linux-${process.arch}`, import.meta.url)));
  const system = runc({ id, root: join(host.directory, 'library'), bundle: path });
  const task = await createTask({ id, system, stdio: { stdout: { path: stdout } } });
  return {
    run: async () => {
      await task.init.start();
      await task.wait();
      await task.delete();
      setHelperProgram(undefined);
    },
  };
};
