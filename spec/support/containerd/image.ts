/**
 * A root filesystem of busybox, and the same as an image: made here, since there is no registry to fetch one from.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const imageName = 'rxshim.test/busybox:local';

/** Few of the programs that busybox is: each link costs time when the image is unpacked. */
const programs =
  'sh cat echo true false sleep ls ps env id stty seq dd yes head tail wc kill trap mount touch rm mkdir test tty date tr grep printf setsid nohup sync stat';

const busybox = (): string => realpathSync(execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim());

export const makeRootfs = (folder: string): string => {
  for (const part of ['bin', 'proc', 'sys', 'dev', 'tmp', 'etc', 'root', 'run'])
    mkdirSync(join(folder, part), { recursive: true });
  copyFileSync(busybox(), join(folder, 'bin/busybox'));
  for (const name of programs.split(' ')) symlinkSync('busybox', join(folder, 'bin', name));
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
  );
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  writeFileSync(join(folder, 'etc/no-program'), 'text\n');
  return folder;
};

/** An OCI image archive with one layer. */
export const makeImage = (folder: string, rootfs: string): string => {
  const blobs = join(folder, 'image/blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const add = (bytes: Buffer, mediaType: string) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return {
      mediaType: `application/vnd.oci.image.${mediaType}`,
      digest: `sha256:${hex}`,
      size: bytes.length,
    };
  };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const tar = join(folder, 'layer.tar');
  execFileSync('tar', ['-C', rootfs, '-cf', tar, '.']);
  const layer = add(readFileSync(tar), 'layer.v1.tar');
  const config = add(
    json({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'config.v1+json',
  );
  const manifest = add(
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [layer],
    }),
    'manifest.v1+json',
  );
  writeFileSync(join(folder, 'image/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(folder, 'image/index.json'),
    json({
      schemaVersion: 2,
      manifests: [{ ...manifest, annotations: { 'io.containerd.image.name': imageName } }],
    }),
  );
  const archive = join(folder, 'image.tar');
  execFileSync('tar', ['-C', join(folder, 'image'), '-cf', archive, '.']);
  return archive;
};
