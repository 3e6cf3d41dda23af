/** One process at a time, across processes, and none left waiting for one that has died. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const timeout = 10 * 60_000;

/**
 * Runs `work` while holding the lock file, which names its holder's pid.
 *
 * @template T
 * @param {string} file
 * @param {() => T} work
 * @returns {T}
 */
export function exclusively(file, work) {
  const mine = `${file}.${process.pid}`;
  const deadline = Date.now() + timeout;
  while (!take(file, mine)) {
    if (Date.now() > deadline) throw new Error(`another process holds ${file}; remove it if none is at work`);
    sleep(50);
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(/** @type {string} */ file, /** @type {string} */ mine) {
  writeFileSync(mine, String(process.pid));
  try {
    // A link appears at once and with its content; open-then-write would show an empty lock in between.
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  return isDead(holder(file)) && takeOver(file, mine);
}

/** Of several who find the same dead holder the last to replace the file wins; the others see so and wait. */
function takeOver(/** @type {string} */ file, /** @type {string} */ mine) {
  writeFileSync(mine, String(process.pid));
  renameSync(mine, file);
  sleep(100);
  return holder(file) === process.pid;
}

function holder(/** @type {string} */ file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isDead(/** @type {number | undefined} */ pid) {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

function sleep(/** @type {number} */ ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
