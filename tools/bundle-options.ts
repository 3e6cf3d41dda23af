/** How the tools bundle TypeScript into programs for this Node, beside the packages of the project. */
export const asProgram = {
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
} as const;
