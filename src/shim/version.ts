/** The version of the package, put in by whoever bundles the shim. */
declare const RXSHIM_VERSION: string | undefined;

export const version = typeof RXSHIM_VERSION === 'string' ? RXSHIM_VERSION : 'unbundled';
