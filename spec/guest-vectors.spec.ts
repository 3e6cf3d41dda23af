import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runGuestFolder, runSession } from '../tools/guest-vectors/run-folder.js';
import { parseSession } from '../tools/guest-vectors/session.js';
import { vectorFiles } from '../tools/vectors/run-folder.js';

const folder = fileURLToPath(new URL('vectors/guest-bridge', import.meta.url));
const files = [
  ...vectorFiles(folder),
  ...vectorFiles(fileURLToPath(new URL('vectors/guest-bridge-extra', import.meta.url))),
];

// biome-ignore lint/suspicious/noExplicitAny: raw JSON, to be tampered with
type Raw = any;

const raw = (name: string): Raw => {
  const file = files.find((path) => basename(path).startsWith(name));
  return JSON.parse(readFileSync(file ?? name, 'utf8'));
};

const said = async (name: string, tamper: (file: Raw) => void): Promise<string> => {
  const file = raw(name);
  tamper(file);
  return (await runSession(parseSession(JSON.stringify(file))!)).differences.join('\n');
};

const frame = (file: Raw, dir: string, type: string): Raw =>
  file.timeline.find(
    (event: Raw) => event.kind === 'frame' && event.dir.startsWith(dir) && event.type.includes(type),
  );

const edit = (one: Raw, change: (body: Raw) => void): void => {
  const body = JSON.parse(one.body);
  change(body);
  one.body = JSON.stringify(body);
  const header = Buffer.from(one.headerHex, 'hex');
  header.writeUInt32LE(16 + Buffer.byteLength(one.body), 4);
  one.headerHex = header.toString('hex');
};

describe('client and guest do as a real guest and its host were seen to do', () => {
  it.each(files.map((file) => [basename(file, '.json'), file]))('%s', async (_, file) => {
    expect((await runSession(parseSession(readFileSync(file, 'utf8'))!)).differences).toEqual([]);
  });
});

describe('the runner notices', () => {
  it('a request that the client words in another way', async () => {
    const text = await said('s18', (file) =>
      edit(frame(file, 'host', 'ResizeConsole'), (body) => (body.Columns = 80)),
    );
    // Then it is none that the client sends, and the guest, which has what it needs, minds nothing.
    expect(text).toBe('');
    const other = await said('s05', (file) =>
      edit(frame(file, 'host', 'Create'), (body) => {
        body.ContainerConfig = body.ContainerConfig.replace('/run/gcs/c/c1\\"', '/run/gcs/c/c9\\"');
        body.ContainerConfig = body.ContainerConfig.replace('"ScratchDirPath"', '"ScratchPath"');
      }),
    );
    expect(other).toContain('client: create: recorded');
  });

  it('another exit code of the client', async () => {
    const text = await said('s05', (file) =>
      edit(frame(file, 'guest', 'WaitForProcess'), (body) => {
        body.ExitCode = 'seven';
      }),
    );
    expect(text).toContain('client: waitForProcess c1: answered');
  });

  it('another result of the guest', async () => {
    const text = await said('s27', (file) =>
      edit(frame(file, 'guest', 'Response(Start)'), (body) => {
        body.Result = -1070137074;
      }),
    );
    expect(text).toContain('guest: start: recorded');
  });

  it('output that is lost', async () => {
    const text = await said('s05', (file) => {
      const data = file.timeline.find((event: Raw) => event.kind === 'stdio-data');
      const copy = { ...data };
      file.timeline.splice(file.timeline.findIndex((event: Raw) => event.kind === 'stdio-eof') + 4, 0, copy);
    });
    expect(text).not.toBe('');
  });
});

describe('a folder of sessions', () => {
  it('is counted in the last line, with a reason for each that is skipped', async () => {
    const at = mkdtempSync(join(tmpdir(), 'guest-vectors-'));
    try {
      writeFileSync(join(at, 'a.json'), JSON.stringify(raw('s01')));
      writeFileSync(join(at, 'b.json'), JSON.stringify(raw('s03')));
      writeFileSync(join(at, 'c.json'), '{"other":1}');
      writeFileSync(join(at, 'd.json'), 'no JSON');
      const lines: string[] = [];
      expect(await runGuestFolder(at, { print: (line) => lines.push(line) })).toBe(true);
      expect(lines.at(-1)).toBe('2 passed, 0 failed, 2 skipped');
      expect(lines.join('\n')).toMatch(/skipped c\.json: it holds no session/);
      expect(lines.join('\n')).toMatch(
        /s03-before-negotiate {2}\(guest alone; the client would not send it: /,
      );
    } finally {
      rmSync(at, { recursive: true });
    }
  });

  it('proves nothing when there is none in it', async () => {
    const lines: string[] = [];
    expect(await runGuestFolder('/no/such', { print: (line) => lines.push(line) })).toBe(false);
    expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  });
});
