/**
 * How long the service is given. The original's defaults, and the variables by which people set them there.
 */
export interface Timeouts {
  /** For a native call to return, in milliseconds. */
  readonly call: number;
  /** For a system to be created, or started, in milliseconds. */
  readonly create: number;
  readonly start: number;
}

const usual = 4 * 60_000;

/** @param env each in whole seconds, under the names `HCSSHIM_TIMEOUT_…`; what is no such number is passed over. */
export const timeoutsFrom = (env: Readonly<Record<string, string | undefined>>): Timeouts => {
  const seconds = (name: string): number => {
    const text = env[`HCSSHIM_TIMEOUT_${name}`] ?? '';
    const value = /^\d+$/.test(text) ? Number(text) * 1000 : 0;
    return value > 0 ? value : usual;
  };
  return {
    call: seconds('SYSCALLWATCHER'),
    create: seconds('SYSTEMCREATE'),
    start: seconds('SYSTEMSTART'),
  };
};
