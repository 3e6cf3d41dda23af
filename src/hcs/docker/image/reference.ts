/** The name of an image, taken apart: `registry:5000/team/app:1.2`, `alpine`, `app@sha256:…`. */
import { invalid } from '../../failures/errors.js';

export interface ImageReference {
  /** The registry as the command's configuration names it. */
  readonly registry: string;
  /** Without tag and digest, as it was given. */
  readonly name: string;
  /** The tag, or the digest with its algorithm. `latest` where there is neither: without one a daemon pulls all tags. */
  readonly tag: string;
}

/** The name of Docker Hub in the command's configuration. */
export const dockerHub = 'https://index.docker.io/v1/';

/** @throws RxshimError `invalidArgument` for what is no name of an image. */
export const parseReference = (image: string): ImageReference => {
  const [, name = '', tag, digest] =
    /^([^\s@]+?)(?::([\w][\w.-]{0,127}))?(?:@([a-z0-9+.-]+:[0-9a-f]{32,}))?$/i.exec(String(image)) ?? [];
  if (name === '' || name.endsWith('/') || name.startsWith('/'))
    throw invalid('image', image, 'the name of an image');
  const host = name.includes('/') ? (name.split('/')[0] as string) : '';
  // Docker's own rule: what holds a dot or a port, or is localhost, is a host.
  const isHost = /[.:]/.test(host) || host === 'localhost';
  const registry = isHost && host !== 'docker.io' ? host : dockerHub;
  return { registry, name, tag: digest ?? tag ?? 'latest' };
};
