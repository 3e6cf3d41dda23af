/** After all specs: they fail if they have left anything. */
export default async function jestEnd() {
  const { endRun } = /** @type {{ endRun?: () => Promise<string[]> }} */ (globalThis);
  const left = (await endRun?.()) ?? [];
  if (left.length > 0) throw new Error(`specs have left behind:\n  ${left.join('\n  ')}`);
}
