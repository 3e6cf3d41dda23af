/** The version of the package, inserted by the bundler of the shim. */
declare const RXSHIM_VERSION: string | undefined;

export const version = typeof RXSHIM_VERSION === 'string' ? RXSHIM_VERSION : 'unbundled';
