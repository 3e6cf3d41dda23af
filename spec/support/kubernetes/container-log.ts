/** The log of a container, as a kubelet keeps it: lines with the time at which they were begun. */

export class ContainerLog {
  /** The lines of the current run; the last may have no end yet. */
  private lines: { readonly time: string; text: Buffer; isWhole: boolean }[] = [];
  private previous: { readonly time: string; text: Buffer; isWhole: boolean }[] = [];
  private ended = false;
  private readonly waiting = new Set<() => void>();
  private clock = 0n;

  write(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length) {
      const end = bytes.indexOf(0x0a, from);
      const piece = bytes.subarray(from, end < 0 ? bytes.length : end + 1);
      const last = this.lines.at(-1);
      if (last !== undefined && !last.isWhole) {
        last.text = Buffer.concat([last.text, piece]);
        last.isWhole = end >= 0;
      } else this.lines.push({ time: this.time(), text: Buffer.from(piece), isWhole: end >= 0 });
      from += piece.length;
    }
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** Another run of the container. */
  begin(): void {
    this.previous = this.lines;
    this.lines = [];
    this.ended = false;
  }

  /** Drops the oldest lines, as a rotation does. */
  rotate(kept: number): void {
    this.lines = this.lines.slice(-kept);
  }

  /** The log from a time on, to its end if it is followed. */
  async *read(
    since: string | undefined,
    follow: boolean,
    timestamps: boolean,
    previous: boolean,
    isCut: () => boolean,
    tail = Number.POSITIVE_INFINITY,
  ): AsyncIterable<Buffer> {
    const lines = previous ? this.previous : this.lines;
    let at = Math.max(0, lines.length - tail);
    let within = 0;
    for (;;) {
      const line = lines[at];
      if (line !== undefined && (since === undefined || line.time >= since)) {
        if (within === 0 && timestamps) yield Buffer.from(`${line.time} `);
        const { text, isWhole } = line;
        const rest = text.subarray(within);
        within += rest.length;
        if (rest.length > 0) yield rest;
        if (isWhole && within === line.text.length) {
          at += 1;
          within = 0;
          continue;
        }
      } else if (line !== undefined) {
        at += 1;
        continue;
      }
      const more = lines[at];
      if (more !== undefined && more.text.length > within) continue;
      if (!follow || this.ended || lines !== this.lines || isCut()) return;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
      if (isCut()) return;
    }
  }

  wake(): void {
    const all = [...this.waiting];
    this.waiting.clear();
    for (const one of all) one();
  }

  /** Never the same twice in order, and with a fraction of nine digits, as containerd writes it. */
  private time(): string {
    const nanoseconds = BigInt(Date.now()) * 1_000_000n;
    this.clock = nanoseconds > this.clock ? nanoseconds : this.clock + 1n;
    const seconds = new Date(Number(this.clock / 1_000_000n)).toISOString().slice(0, 19);
    return `${seconds}.${String(this.clock % 1_000_000_000n).padStart(9, '0')}Z`;
  }
}
