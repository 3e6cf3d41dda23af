/**
 * A path as a process sees it whose root is `root`: symbolic links lead to places within, and `..` never out of it.
 *
 * The file system of a container is not trusted: links in it may lead anywhere. containerd's own shims resolve them in the
 * same way when they mount below it.
 */
import { readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { invalid } from '../../hcs/failures/errors.js';

/** As the kernel has it. */
const mostLinks = 40;

/** @throws RxshimError `invalidArgument` for links that go round in a circle. */
export const pathInRoot = (root: string, path: string): string => {
  const rest = partsOf(path);
  let at = '/';
  let links = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = part === '..' ? dirname(at) : join(at, part);
    const link = linkAt(join(root, next));
    if (link === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (links > mostLinks) throw invalid('rootfs.target', path, 'a path without a circle of links');
    if (link.startsWith('/')) at = '/';
    rest.unshift(...partsOf(link));
  }
  return at === '/' ? root : join(root, at);
};

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** Where a symbolic link points; nothing for all else, and for what is not there. */
const linkAt = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};
