/** What a process does in its container, its exit status and its output: all known before it runs. */
export interface Script {
  readonly script: string;
  readonly output: string;
  readonly code: number;
  /** The signal that ends it; without one it ends by itself. */
  readonly signal?: number;
}

const [kill, term] = [9, 15];

/** Says something at once and exits. */
export const brief = (word: string, code: number): Script => ({
  script: `echo ${word}; exit ${code}`,
  output: `${word}\n`,
  code,
});

/** Lives so many seconds without being asked for anything, and exits by itself. */
export const lasting = (seconds: number, word: string, code: number): Script => ({
  script: `echo ${word}; sleep ${seconds}; echo end; exit ${code}`,
  output: `${word}\nend\n`,
  code,
});

/** Says more than a pipe holds. */
export const talkative = (lines: number, code: number): Script => ({
  script: `seq 1 ${lines}; exit ${code}`,
  output: `${Array.from({ length: lines }, (_, index) => index + 1).join('\n')}\n`,
  code,
});

/** Lives until it is asked to end, and then does so with words of its own. */
export const obedient = (code: number): Script => ({
  script: `trap 'echo asked; exit ${code}' TERM; echo ready; while :; do sleep 5 & wait $!; done`,
  output: 'ready\nasked\n',
  code,
  signal: term,
});

/** Lives until it is killed. */
export const stubborn = (): Script => ({
  script: `trap '' TERM; echo ready; sleep 3600`,
  output: 'ready\n',
  code: 128 + kill,
  signal: kill,
});
