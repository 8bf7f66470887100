import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUnfinished, LabError, readBlocks, readPrompt, splitFrontMatter } from './index.ts';

/** The commands of a document: `kind: command`, and what is expected under it. */
function commands(text: string): { command: string; expected: string[] | undefined }[] {
  return readBlocks(text, 'lab.md').flatMap((b) =>
    b.shown
      .filter((s) => s.comment !== true)
      .map((s) => ({ command: s.command, expected: s.expected?.map((l) => l.text) })),
  );
}

const fenced = (info: string, ...lines: string[]): string =>
  ['```'.concat(info), ...lines, '```', ''].join('\n');

describe('blocks', () => {
  it('are transcripts in any of the languages, in any case, or in none, if they hold a prompt', () => {
    for (const language of [
      'console',
      'Bash',
      'SH',
      'shell',
      'shellsession',
      'terminal',
      'text',
      '',
    ])
      expect(commands(fenced(language, '$ ls', 'a'))).toEqual([{ command: 'ls', expected: ['a'] }]);
    for (const language of ['yaml', 'mermaid', 'c'])
      expect(commands(fenced(language, '$ ls'))).toEqual([]);
  });

  it('are scripts in bash, sh and shell where no line has a prompt', () => {
    const script = [
      '# a comment',
      'ip link add a type dummy \\',
      '  && echo ok',
      '',
      'cat <<EOF',
      '# no comment',
      'EOF',
    ];
    expect(commands(fenced('bash', ...script)).map((c) => c.command)).toEqual([
      'ip link add a type dummy \\\n  && echo ok',
      'cat <<EOF\n# no comment\nEOF',
    ]);
    expect(commands(fenced('console', 'ip link'))).toEqual([]);
  });

  it('are prose, whole, where a line of a script is drawn', () => {
    const box = ['Host', '+--------+', '| [lo]   |', '+--------+'];
    expect(commands(fenced('bash', ...box))).toEqual([]);
    expect(commands(fenced('sh', 'vm0 --> br0', 'ls'))).toEqual([]);
    expect(commands(fenced('bash', 'br0 ─ eth0'))).toEqual([]);
    expect(commands(fenced('bash', 'vm1 -> br0 -> eth0'))).toEqual([]);
    expect(commands(fenced('bash', 'ls # a -> b', 'ping -c 1 h > out'))).toHaveLength(2);
    expect(commands(fenced('bash', "echo '+-----+ -->'", 'ls --all > out'))).toHaveLength(2);
  });

  it('count inside lists, and lose the indentation of their fence', () => {
    const text = '- item\n    - deeper\n\n      ```console\n      $ ls\n        two\n      ```\n';
    expect(commands(text)).toEqual([{ command: 'ls', expected: ['  two'] }]);
    const tooDeep = '- item\n\n        ```console\n        $ pwd\n        /\n        ```\n';
    expect(commands(tooDeep)).toEqual([{ command: 'pwd', expected: ['/'] }]);
  });

  it('tell the line of each command and of each line of output', () => {
    const [block] = readBlocks('one\n\n```console\n\n$ ls\na\n```\n', 'lab.md');
    expect(block?.fence.line).toBe(3);
    expect(block?.shown[0]).toMatchObject({ line: 5, expected: [{ no: 6, text: 'a' }] });
  });

  it('read the words behind their language, and leave those of other tools alone', () => {
    const [block] = readBlocks(
      fenced('console on=vm1 terminal=2 may-fail {.numberLines}', '$ ls'),
      'f',
    );
    expect(block?.words).toEqual({ on: 'vm1', terminal: '2', mayFail: true });
  });

  it('that are never closed, or whose words make no sense, are errors with their line', () => {
    const open = ['text', '', '```console', '$ ls'].join('\n');
    expect(() => readBlocks(open, 'lab.md')).toThrow(/^lab\.md:3: .*never closed/);
    expect(() => readBlocks(fenced('console on=', '$ ls'), 'f')).toThrow(
      /^f:1: "on" names nothing/,
    );
    expect(() => readBlocks(fenced('console skip=yes', '$ ls'), 'f')).toThrow(/^f:1: .*skip alone/);
  });
});

describe('transcripts', () => {
  it('know every form of prompt', () => {
    const named = (line: string): unknown => readPrompt(line);
    expect(named('$ a b')).toEqual({ sign: '$', name: undefined, command: 'a b' });
    expect(named('# a')).toEqual({ sign: '#', name: undefined, command: 'a' });
    expect(named('me@vm1:~/x$ a')).toEqual({ sign: '$', name: 'vm1', command: 'a' });
    expect(named('[root@vm1 dnsmasq]# a')).toEqual({ sign: '#', name: 'vm1', command: 'a' });
    expect(named('vm1# a')).toEqual({ sign: '#', name: 'vm1', command: 'a' });
    expect(named('vm1$')).toBeUndefined();
    expect(named('#comment')).toBeUndefined();
    expect(named('5$ a')).toBeUndefined();
  });

  it('take a bare `# ` for a comment beside `$ `, for output beside named prompts, else for a prompt', () => {
    expect(commands(fenced('console', '# one', '$ a', 'x', '# two', '$ b'))).toEqual([
      { command: 'a', expected: ['x'] },
      { command: 'b', expected: [] },
    ]);
    expect(
      commands(fenced('console', '[root@fw ~]# iptables-save', '# Generated', '*nat')),
    ).toEqual([{ command: 'iptables-save', expected: ['# Generated', '*nat'] }]);
    expect(commands(fenced('console', '# a', 'x', '# b'))).toEqual([
      { command: 'a', expected: ['x'] },
      { command: 'b', expected: [] },
    ]);
    expect(commands(fenced('bash', '# a', 'ls'))).toEqual([{ command: 'ls', expected: undefined }]);
  });

  it('continue a command behind a backslash, `> `, and in a here-document', () => {
    expect(commands(fenced('console', '$ a \\', '> b', 'x'))).toEqual([
      { command: 'a \\\nb', expected: ['x'] },
    ]);
    expect(commands(fenced('console', '$ cat <<E', '> one', '> E', 'one'))).toEqual([
      { command: 'cat <<E\none\nE', expected: ['one'] },
    ]);
    expect(commands(fenced('console', '$ cat <<E', 'one', 'E', 'one'))).toEqual([
      { command: 'cat <<E\none\nE', expected: ['one'] },
    ]);
    expect(
      commands(fenced('console', '$ for i in 1 2', '> do echo $i', '> done', '1', '2')),
    ).toEqual([{ command: 'for i in 1 2\ndo echo $i\ndone', expected: ['1', '2'] }]);
    expect(commands(fenced('console', '$ diff a b', '> only in b'))).toEqual([
      { command: 'diff a b', expected: ['> only in b'] },
    ]);
    expect(commands(fenced('console', "$ echo 'a", "> b'", 'a'))).toEqual([
      { command: "echo 'a\nb'", expected: ['a'] },
    ]);
  });

  it('cut blank lines at the end of an output, and keep those inside', () => {
    expect(commands(fenced('console', '$ a', 'x', '', 'y', '', '$ b'))).toEqual([
      { command: 'a', expected: ['x', '', 'y'] },
      { command: 'b', expected: [] },
    ]);
  });
});

describe('a command is unfinished', () => {
  it.each([
    ['ls', false],
    ['a \\', true],
    ['echo "a', true],
    ["echo 'a", true],
    ["echo it\\'s", false],
    ["ls # it's a comment", false],
    ['for i in 1 2; do', true],
    ['cat <<EOF\na', true],
    ['cat <<EOF\na\nEOF', false],
    ['cat <<-EOF\n\ta\n\tEOF', false],
    ['cat <<< word', false],
    ['echo $((1 << 2))', false],
  ])('%j: %s', (text, unfinished) => {
    expect(isUnfinished(text)).toBe(unfinished);
  });
});

describe('front matter', () => {
  it('is what stands between two lines ---, and leaves line numbers as they are', () => {
    const split = splitFrontMatter('---\nseed: 1\n---\n\ntext\n', 'f');
    expect(split).toEqual({ yaml: 'seed: 1', yamlOffset: 1, body: '\n\n\n\ntext\n' });
    expect(splitFrontMatter('text\n---\na\n---\n', 'f').yaml).toBe('');
  });

  it('that is never closed is an error', () => {
    expect(() => splitFrontMatter('---\nseed: 1\n', 'f.md')).toThrow(/^f\.md:1: .*never closed/);
  });
});

describe('a long block', () => {
  it('with a quotation that is never closed is read in no time', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `echo ${i}`);
    expect(commands(fenced('bash', "echo don't", ...lines))).toHaveLength(20_001);
  });

  it('with a long here-document is one command', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
    expect(commands(fenced('bash', 'cat > f <<END', ...lines, 'END', 'ls'))).toHaveLength(2);
  });
});

describe('reading blocks, as a property,', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '```',
      '~~~',
      '```bash',
      '- a',
      '    ```',
      '> ```',
      '$ ls',
      '# x',
      '> y',
      "echo 'a",
      'cat <<E',
      'E',
      '\t```',
    ),
  );

  it('ends in blocks or one clear error, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        try {
          const total = lines.length;
          for (const block of readBlocks(lines.join('\n'), 'f'))
            for (const shown of block.shown) expect(shown.line).toBeLessThanOrEqual(total);
        } catch (e) {
          expect(e).toBeInstanceOf(LabError);
        }
      }),
    );
  });
});
