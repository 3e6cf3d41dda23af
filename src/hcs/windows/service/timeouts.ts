/**
 * The timeouts of calls to the service: hcsshim's defaults and environment variables.
 */
export interface Timeouts {
  /** For a native call to return, in milliseconds. */
  readonly call: number;
  /** For a system to be created or started, in milliseconds. */
  readonly create: number;
  readonly start: number;
}

export const timeoutNames = ['call', 'create', 'start'] as const satisfies readonly (keyof Timeouts)[];

const defaultTimeout = 4 * 60_000;

/** @param env the variables `HCSSHIM_TIMEOUT_…` in whole seconds; any other value is ignored. */
export const timeoutsFrom = (env: Readonly<Record<string, string | undefined>>): Timeouts => {
  const seconds = (name: string): number => {
    const text = env[`HCSSHIM_TIMEOUT_${name}`] ?? '';
    const value = /^\d+$/.test(text) ? Number(text) * 1000 : 0;
    return value > 0 ? value : defaultTimeout;
  };
  return {
    call: seconds('SYSCALLWATCHER'),
    create: seconds('SYSTEMCREATE'),
    start: seconds('SYSTEMSTART'),
  };
};
