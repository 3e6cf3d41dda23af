import { describe, expect, test } from '@jest/globals';
import { describeLauncher, harness, namespace } from './harness.js';

describeLauncher('the words that containerd calls with', () => {
  const { address, bundle, run, sockets, start } = harness();

  describe('may say what to start', () => {
    test.each([
      [
        'with values after an equals sign',
        (id: string) => [`-namespace=${namespace}`, `-address=${address}`, `-id=${id}`, 'start'],
      ],
      [
        'with two dashes',
        (id: string) => ['--namespace', namespace, `--address=${address}`, '--id', id, 'start'],
      ],
      [
        'in another order',
        (id: string) => ['-id', id, '-address', address, '-namespace', namespace, 'start'],
      ],
      [
        'among flags that are not known',
        (id: string) => [
          ...[
            '-new',
            '-namespace',
            namespace,
            '-newer=1',
            '-address',
            address,
            '-newest',
            'value',
            '-id',
            id,
          ],
          ...['-debug-socket', '/x', '-v3', 'start'],
        ],
      ],
      [
        'with a switch that has a value',
        (id: string) => ['-debug=false', '-namespace', namespace, '-address', address, '-id', id, 'start'],
      ],
      [
        'with a value that looks like a flag',
        (id: string) => [
          '-namespace',
          namespace,
          '-address',
          address,
          '-publish-binary',
          '-x',
          '-id',
          id,
          'start',
        ],
      ],
    ])('%s', async (_what, words) => {
      const made = bundle();
      expect(await start(made, { words: words(made.id) })).toContain(sockets);
    });
  });

  test.each([
    ['-id', ['-namespace', namespace, '-address', '/a', 'start']],
    ['-namespace', ['-id', 'x', '-address', '/a', 'start']],
    ['-address', ['-namespace', namespace, '-id', 'x', 'start']],
    ['-id', ['-namespace', namespace, '-id=', '-address', '/a', 'start']],
  ])('must have %s', async (flag, words) => {
    const { code, stdout, stderr } = await run(bundle(), { words });
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `rxshim: ${flag} is missing\n` });
  });

  test('must not end in the middle of a flag', async () => {
    const { code, stderr } = await run(bundle(), { words: ['start', '-id'] });
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'rxshim: flag needs an argument: -id\n' });
  });

  describe('go to node as they are when they ask for something else', () => {
    test.each([
      [['-info']],
      [['-v']],
      [['--version']],
      [['-namespace', namespace, '-id', 'x', '-bundle', '/b', 'delete']],
      [[]],
    ])('%j', async (words) => {
      const env = { NODE_EXTRA_CA_CERTS: '/dev/null', NOTIFY_SOCKET: '/run/notify' };
      const { code, stdout, stderr } = await run(bundle(), { words, env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const seen = JSON.parse(stdout);
      expect(seen.words).toEqual(words);
      expect(Object.keys(seen.env)).not.toContain('NODE_EXTRA_CA_CERTS');
      expect(Object.keys(seen.env)).not.toContain('NOTIFY_SOCKET');
    });
  });
});
