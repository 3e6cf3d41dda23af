/** A defect that is put into the production code, as a change of its text, while the simulation is bundled. */
export interface Mutant {
  readonly name: string;
  /** Where it was seen in the wild. */
  readonly seen: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** Below src. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export const mutant = (
  name: string,
  seen: string,
  ...edits: readonly (readonly [string, string, string])[]
): Mutant => ({
  name,
  seen,
  edits: edits.map(([file, find, put]) => ({ file: `${file}.ts`, find, put })),
});
