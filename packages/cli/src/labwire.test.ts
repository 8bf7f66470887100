import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { labwire } from './labwire.ts';
import type { Keyboard, KeyListener } from './shell/keyboard.ts';

const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs `labwire` with words, and with lines typed at its shell. */
async function run(words: readonly string[], typed: readonly string[] = []) {
  const written = { out: '', err: '' };
  const io = {
    out: (text: string) => {
      written.out += text;
    },
    err: (text: string) => {
      written.err += text;
    },
    colour: false,
  };
  const code = await labwire(words, io, () => new Pipe(typed));
  return { code, ...written };
}

/** Lines from a pipe. */
class Pipe implements Keyboard {
  readonly isTerminal = false;
  readonly size = undefined;
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  start(listener: KeyListener): void {
    for (const line of this.#lines) listener.onLine(line);
    listener.onEnd();
  }

  prompt(): void {}

  raw(): void {}

  clear(): void {}

  stop(): void {}
}

const HOST = '---\nmachines: { host: {} }\n---\n';
const console_ = (...lines: string[]): string => ['```console', ...lines, '```', ''].join('\n');

describe('labwire run', () => {
  it('prints the transcript and a summary, and exits with 0 when everything matches', async () => {
    const { code, out, err } = await run([
      'run',
      file('good.md', `${HOST}${console_('$ echo hello', 'hello')}`),
    ]);
    expect(err).toBe('');
    expect(out).toBe('host$ echo hello\nhello\n\n1 command, 1 compared, 1 matched, 0 failed\n');
    expect(code).toBe(0);
  });

  it('shows a mismatch as a diff with file and line, and exits with 1', async () => {
    const path = file('bad.md', `${HOST}${console_('$ printf "one\\ntwo\\n"', 'one', 'three')}`);
    const { code, out } = await run(['run', path]);
    expect(out).toContain(`${path}:5: the output differs: printf`);
    expect(out).toContain('  one\n- three\n+ two\n');
    expect(code).toBe(1);
  });

  it('fails on an exit code where nothing is compared, unless the block says may-fail', async () => {
    const failing = await run(['run', file('false.md', `${HOST}${console_('$ false')}`)]);
    expect(failing.out).toContain('exit code 1: false');
    expect(failing.code).toBe(1);
    const allowed = `${HOST}${console_('$ false').replace('console', 'console may-fail')}`;
    expect((await run(['run', file('may.md', allowed)])).code).toBe(0);
    const shown = await run([
      'run',
      file('shown.md', `${HOST}${console_('$ echo x; false', 'x')}`),
    ]);
    expect(shown.code).toBe(0);
  });

  it('prints one JSON object per command and a summary with --json, and nothing else', async () => {
    const text = `${HOST}${console_('$ echo a; sleep 1', 'a', '$ false', '$ sleep 60')}`;
    const { out, code } = await run(['run', file('json.md', text), '--json']);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l));
    const common = { machine: 'host', terminal: '1' };
    expect(lines).toEqual([
      {
        ...common,
        line: 5,
        command: 'echo a; sleep 1',
        output: 'a\n',
        exitCode: 0,
        match: true,
        time: 0,
      },
      {
        ...common,
        line: 7,
        command: 'false',
        output: '',
        exitCode: 1,
        match: null,
        time: expect.closeTo(1, 1),
      },
      {
        ...common,
        line: 8,
        command: 'sleep 60',
        output: '',
        exitCode: null,
        match: null,
        time: expect.closeTo(1, 1),
      },
      { summary: { commands: 3, compared: 1, matched: 1, failed: 1 } },
    ]);
    expect(code).toBe(1);
  });

  it('says which program goes on and what it waits for when a command outlives its block', async () => {
    const { out, code } = await run([
      'run',
      file('cat.md', `${HOST}${console_('$ cat', '$ echo on', 'on')}`),
    ]);
    expect(out).toMatch(/\(goes on: cat \(\d+\) waits for input on descriptor 0\)/);
    expect(code).toBe(0);
  });

  it('interrupts a command where the document shows ^C', async () => {
    const text = `${HOST}${console_('$ while :; do date +x; sleep 1; done', 'x', 'x', '^C', '$ echo next', 'next')}`;
    expect(await run(['run', file('int.md', text)])).toMatchObject({ code: 0 });
  });

  it('writes a capture for each machine with --pcap', async () => {
    const path = file('ping.md', `${HOST}${console_('$ ping -c 1 127.0.0.1', '...')}`);
    const captures = join(folder, 'captures');
    expect((await run(['run', path, '--pcap', captures])).code).toBe(0);
    expect(readdirSync(captures)).toEqual(['host.pcapng']);
    expect(readFileSync(join(captures, 'host.pcapng')).readUInt32LE(0)).toBe(0x0a0d0d0a);
  });
});

describe('a lab that can not be read is one clear error and exit code 2:', () => {
  const big = new Uint8Array(50_000_000).fill(0x20);
  const cases: readonly (readonly [what: string, path: () => string, message: RegExp])[] = [
    ['YAML', () => file('y.md', '---\nmachines: {\n---\n'), /y\.md:\d: not YAML/],
    [
      'unknown link',
      () =>
        file(
          'l.md',
          '---\nmachines: { a: { interfaces: { eth0: { link: lan } } } }\nlinks: { wan: {} }\n---\n',
        ),
      /l\.md:3: links\.wan/,
    ],
    [
      'two machines of one name',
      () => file('t.md', '---\nmachines:\n  a: {}\n  a: {}\n---\n'),
      /t\.md:4: a is there twice/,
    ],
    [
      'no address',
      () =>
        file(
          'a.md',
          '---\nmachines:\n  a:\n    interfaces:\n      e: { link: l, addresses: [1.2.3/24] }\n---\n',
        ),
      /a\.md:5: .*"1\.2\.3\/24" is no address/,
    ],
    [
      'a fence never closed',
      () => file('f.md', 'x\n```console\n$ ls\n'),
      /f\.md:2: .*never closed; write/,
    ],
    ['50 MB', () => file('big.md', big), /big\.md: 50\.0 MB/],
    ['binary', () => file('b.md', Uint8Array.of(65, 10, 0, 255)), /b\.md:2: a binary file/],
    [
      'no UTF-8',
      () => file('u.md', Uint8Array.of(65, 10, 10, 0xff, 0xfe)),
      /u\.md:3: this is no UTF-8/,
    ],
    ['a directory', () => folder, /: this is a directory; name a file in it/],
    ['a device', () => '/dev/zero', /this is no regular file/],
    ['no such file', () => join(folder, 'none.md'), /none\.md: there is no such file/],
    [
      'a setting that no kernel has',
      () => file('s.md', '---\nmachines:\n  a:\n    sysctl: { net.nosuch: 1 }\n---\n'),
      /s\.md:4: machines\.a\.sysctl\.net\.nosuch: No such file/,
    ],
  ];

  it.each(cases)('%s', async (_what, path, message) => {
    const { code, out, err } = await run(['run', path()]);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err).toMatch(/^labwire: [^\n]*\n$/);
    expect(code).toBe(2);
  });

  it('and so is an overlay', async () => {
    const good = file('over.md', `${HOST}${console_('$ true')}`);
    const overlay = file('over.yaml', 'blocks:\n  - contains: nowhere\n    skip: true\n');
    const { code, err } = await run(['run', good, '--with', overlay]);
    expect(err).toMatch(
      /over\.yaml:2: blocks\.0\.contains: no block of .*over\.md holds "nowhere"/,
    );
    expect(code).toBe(2);
  });
});

describe('the command line', () => {
  it.each([['--help'], ['run', '--help'], ['shell', '--help'], ['list', '--help']])(
    '%s %s',
    async (...words) => {
      expect((await run(words)).code).toBe(0);
    },
  );

  it.each([['--version'], ['run', '--version'], ['shell', '-v'], ['list', '--version']])(
    '%s %s',
    async (...words) => {
      expect(await run(words)).toEqual({ code: 0, out: 'labwire 0.1.0\n', err: '' });
    },
  );

  it.each([
    [['nosuch'], /unknown command nosuch; see/],
    [['a.md'], /unknown command a\.md; write labwire run a\.md/],
    [['run'], /run: no file; name one/],
    [['run', 'x.md', '--nosuch'], /unknown option "--nosuch"; see/],
    [['run', 'x.md', '--seed', 'x'], /--seed x: no seed; write/],
    [['run', 'x.md', '--seed'], /value is missing; see/],
    [['run', 'a.md', 'b.md', '--with', 'c.yaml'], /--with describes one document/],
    [
      ['shell', 'network-namespace', '--on', 'nosuch'],
      /--on nosuch: no machine is named so; write one of host/,
    ],
  ])('%j is an error', async (words, message) => {
    const { code, err } = await run(words);
    expect(err).toMatch(message);
    expect(err).toMatch(/^labwire: [^\n]*\n$/);
    expect(code).toBe(2);
  });

  it('lists the built-in labs', async () => {
    const { out, code } = await run(['list']);
    expect(out).toMatch(/^network-namespace +\d+ commands {2}A web server in a network namespace/m);
    expect(code).toBe(0);
  });
});

describe('labwire run --pcap', () => {
  it('to where no folder can be is an error', async () => {
    const path = file('p.md', HOST);
    const { code, err } = await run(['run', path, '--pcap', join(path, 'sub')]);
    expect(err).toMatch(
      /^labwire: --pcap: no folder .* can be made: ENOTDIR; name another folder\n$/,
    );
    expect(code).toBe(2);
  });
});

describe('labwire up', () => {
  it.each([
    ['a home', '---\nworld: home\n---\n'],
    [
      'two machines',
      '---\nmachines: { host: { interfaces: { eth0: { link: lan } } }, b: { interfaces: { eth0: { link: lan } } } }\n---\n',
    ],
  ])('opens no NIC of %s that others are joined to', async (_, text) => {
    const lab = file('up.md', text);
    const socket = join(folder, 'up.sock');
    const { code, err } = await run(['up', lab, '--tap', `host:eth0=unix:${socket}`]);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('name a NIC that is alone on its link'),
    ]);
  });
});

describe('labwire shell', () => {
  it('runs the lines of a pipe and exits with the last exit code', async () => {
    const { code, out } = await run(
      ['shell'],
      ['x=1', 'cat <<END', '$x', 'END', 'hostname', 'false'],
    );
    expect(out).toBe('1\nhost\n');
    expect(code).toBe(1);
  });

  it('leaves at exit', async () => {
    expect(await run(['shell'], ['exit 3', 'echo unreached'])).toEqual({
      code: 3,
      out: '',
      err: '',
    });
  });

  it("types at a lab's machine", async () => {
    mkdirSync(join(folder, 'labs'));
    const lab = file('labs/two.md', '---\nmachines: { a: {}, b: { hostname: beta } }\n---\n');
    expect((await run(['shell', lab, '--on', 'b'], ['hostname'])).out).toBe('beta\n');
  });
});
