/** A second descriptor for the same open file, so that two owners may each close theirs. */
export const duplicate = (_fd: number): number => {
  throw new Error('under construction');
};
