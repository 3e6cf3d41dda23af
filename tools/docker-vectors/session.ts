/** A recorded session: what was asked of a daemon, and what it did, step by step. */

export interface Step {
  readonly ms: number;
  readonly kind: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly hijack?: string;
  readonly stream?: string;
  readonly to?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
  readonly dir?: 'in' | 'out';
  readonly type?: number | 'raw';
  readonly text?: string;
  readonly len?: number;
}

export interface Session {
  readonly engine: string;
  readonly scenario: string;
  readonly isPodman: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** `undefined` for what is no session. */
export const parseSession = (text: string): Session | undefined => {
  const file = JSON.parse(text) as { engine?: unknown; scenario?: unknown; steps?: unknown };
  if (typeof file.engine !== 'string' || typeof file.scenario !== 'string' || !Array.isArray(file.steps))
    return undefined;
  const steps = file.steps as readonly Step[];
  const isPodman = /podman/.test(file.engine);
  const headers = steps.find(({ headers }) => headers?.['api-version'])?.headers ?? {};
  return {
    engine: file.engine,
    scenario: file.scenario,
    isPodman,
    headers: {
      'api-version': headers['api-version'] ?? '1.41',
      server: headers['server'] ?? (isPodman ? 'Libpod/4.3.1 (linux)' : 'Docker/20.10 (linux)'),
      ...(isPodman && { 'libpod-api-version': headers['libpod-api-version'] ?? '4.3.1' }),
    },
    steps,
  };
};

/** Without the version. */
export const pathOf = (path: string): string => path.replace(/^\/v[\d.]+/, '').split('?')[0] as string;

export const queryOf = (path: string): URLSearchParams => new URLSearchParams(path.split('?')[1] ?? '');
