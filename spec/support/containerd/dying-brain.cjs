// @ts-nocheck: it stands in for parts of Node, before any module is loaded.
/**
 * Loaded into a brain before anything else (NODE_OPTIONS): kills it at a step that a spec has chosen.
 *
 * A step is a record, a command to the keeper or a message on its link; the brain dies before or after it. The file that
 * RXSHIM_SPEC_DEATH names holds the number of the step, counted from when the file was written. The first brain that
 * comes to it removes the file.
 */
const fs = require('node:fs');
const Module = require('node:module');
const net = require('node:net');

const path = process.env.RXSHIM_SPEC_DEATH;

const step = () => {
  let left;
  try {
    left = Number(fs.readFileSync(path, 'utf8'));
  } catch {
    return;
  }
  if (left > 1) return fs.writeFileSync(path, String(left - 1));
  fs.unlinkSync(path);
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered before anything else is done.
  for (;;);
};

const around = (call) =>
  function (...args) {
    step();
    const result = call.apply(this, args);
    step();
    return result;
  };

const isRecords = (fd) => {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith('/memfd:rxshim-records');
  } catch {
    return false;
  }
};

if (path !== undefined && process.argv.includes('-keeper')) {
  const { writeSync } = fs;
  const record = around(writeSync);
  const { readFileSync, writeFileSync, unlinkSync, readlinkSync } = fs;
  Object.assign(fs, { readFileSync, writeFileSync, unlinkSync, readlinkSync });
  fs.writeSync = (fd, ...rest) => (isRecords(fd) ? record : writeSync)(fd, ...rest);

  const { write } = net.Socket.prototype;
  const say = around(write);
  net.Socket.prototype.write = function (...args) {
    return (this._handle?.fd === 3 ? say : write).apply(this, args);
  };

  const load = Module._load;
  const patched = new WeakSet();
  Module._load = function (...args) {
    const loaded = load.apply(this, args);
    if (typeof loaded?.load !== 'function' || typeof loaded?.address !== 'function' || patched.has(loaded))
      return loaded;
    patched.add(loaded);
    const { load: open } = loaded;
    loaded.load = (...names) => {
      const library = open(...names);
      const { func } = library;
      return new Proxy(library, {
        get: (target, key) =>
          key === 'func'
            ? (name, ...rest) => {
                const made = func.call(library, name, ...rest);
                return name === 'sendmsg' ? around(made) : made;
              }
            : target[key],
      });
    };
    return loaded;
  };
}
