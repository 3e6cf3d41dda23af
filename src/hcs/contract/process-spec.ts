/** The part of the OCI runtime specification's `process` object that rxshim reads. Fields it does not know pass through. */
export interface ProcessSpec {
  readonly args?: readonly string[];
  /** Windows: the whole command line, used instead of `args`. */
  readonly commandLine?: string;
  /** `NAME=value` pairs. */
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user?: {
    readonly uid?: number;
    readonly gid?: number;
    readonly additionalGids?: readonly number[];
    readonly username?: string;
    readonly umask?: number;
  };
  // What engines pass on as it is.
  readonly noNewPrivileges?: unknown;
  readonly capabilities?: unknown;
  readonly rlimits?: unknown;
  readonly oomScoreAdj?: unknown;
  readonly apparmorProfile?: unknown;
  readonly selinuxLabel?: unknown;
  readonly scheduler?: unknown;
  readonly ioPriority?: unknown;
  readonly execCPUAffinity?: unknown;
}
