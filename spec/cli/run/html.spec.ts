/** The page of a run, in a real Chromium. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeOnLinux, rxshim, scratch } from '../rxshim.js';

const hasChromium = spawnSync('chromium', ['--version']).status === 0;
/** Debian's package `chromium`; without it there is no browser to show the page. */
const itInChromium = hasChromium ? it : it.skip;

describeOnLinux('run --html', () => {
  const at = scratch();

  const dom = (url: string): string => {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${at('profile')}`];
    const { stdout } = spawnSync('chromium', [...flags, '--dump-dom', url], { encoding: 'utf8' });
    return stdout;
  };
  const script = 'echo "<b>first</b>"; echo "</script>" >&2; exit 3';

  it('passes the output on as it is, and loads nothing from elsewhere', async () => {
    const { code, stdout, stderr } = await rxshim(['run', '--html', at('a.html'), '--', 'sh', '-c', script]);
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '<b>first</b>\n', stderr: '</script>\n' });
    const page = readFileSync(at('a.html'), 'utf8');
    expect(page.match(/(?:src|href)=|url\(|@import/g)).toBeNull();
  });

  itInChromium('draws the timeline, the facts and the output', async () => {
    await rxshim(['run', '--html', at('b.html'), '--name', 'web', '--', 'sh', '-c', script]);
    const drawn = dom(`file://${at('b.html')}`);
    expect([...drawn.matchAll(/class="mark (\w+)"/g)].map(([, kind]) => kind)).toEqual([
      'created',
      'running',
      'exited',
      'drained',
      'released',
    ]);
    const explained = [...drawn.matchAll(/<circle class="(\w+)"[^>]*><\/circle><\/svg> ([\w ]+)/g)];
    expect(explained.map(([, kind, text]) => `${kind}: ${text}`)).toEqual([
      'created: created',
      'running: running',
      'asked: stop or resize',
      'exited: exited',
      'drained: output read',
      'released: released',
    ]);
    expect(drawn).toContain('<p id="ending">exited with 3');
    expect(drawn).toContain('kind exited, code 3, status 3, forced false');
    expect(drawn).toMatch(/class="stdout"[^>]*>&lt;b&gt;first&lt;\/b&gt;/);
    expect(drawn).toMatch(/class="stderr"[^>]*>&lt;\/script&gt;/);
  });

  itInChromium('zooms to what the address says: marks outside are not drawn', async () => {
    await rxshim(['run', '--html', at('c.html'), '--', 'true']);
    const drawn = dom(`file://${at('c.html')}#from=-2000&to=-1000`);
    expect(drawn).not.toContain('class="mark');
    expect(drawn).toContain('class="outside"');
  });

  it('refuses a file that cannot be written before anything is started', async () => {
    const { code, stderr } = await rxshim(['run', '--html', '/nonexistent/x.html', '--', 'echo', 'no']);
    expect(code).toBe(2);
    expect(stderr).toContain('rxshim: --html: cannot write "/nonexistent/x.html"');
  });
});
