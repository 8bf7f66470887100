import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns, compileOutput, matchOutput, outputLines, Renaming } from './index.ts';

/** Whether a run's text matches what a document shows. */
function matches(
  shown: string,
  text: string,
  { command = 'cmd', renaming = new Renaming() }: { command?: string; renaming?: Renaming } = {},
): boolean {
  return matchOutput(compileOutput(command, shown.split('\n')), outputLines(text), renaming);
}

describe('a document held against a run', () => {
  it('matches itself, trailing blanks and blank lines apart', () => {
    expect(matches('lo   UNKNOWN \nb', 'lo   UNKNOWN\nb  \n\n')).toBe(true);
    expect(matches('a\n\nb', 'a\nb\n')).toBe(false);
  });

  it('is exact about indexes, TTLs, counters and ports', () => {
    expect(matches('2: veth0@if3:', '2: veth0@if4:\n')).toBe(false);
    expect(matches('64 bytes: icmp_seq=1 ttl=64', '64 bytes: icmp_seq=1 ttl=63\n')).toBe(false);
    expect(matches('blue (id: 1)', 'blue (id: 0)\n')).toBe(false);
    expect(matches('3 packets received by filter', '4 packets received by filter\n')).toBe(false);
  });

  it('takes any measured time for any other', () => {
    const ping = (t: string, rtt: string): string =>
      `64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=${t} ms\n2 received, 0% packet loss, time ${t.slice(2)}ms\nrtt min/avg/max/mdev = ${rtt} ms`;
    expect(matches(ping('0.043', '0.039/0.041/0.043/0.002'), ping('0.1', '1/2/3/4'))).toBe(true);
    expect(matches('1 received, time 0ms', '2 received, time 0ms')).toBe(false);
  });

  it('lets a name stand for another one to one, and the same throughout', () => {
    const renaming = new Renaming();
    const say = (shown: string, text: string): boolean => matches(shown, text, { renaming });
    expect(say('link/ether be:d4:d8:12:d3:e8', 'link/ether 02:00:00:00:00:01')).toBe(true);
    expect(say('lladdr be:d4:d8:12:d3:e8', 'lladdr 02:00:00:00:00:02')).toBe(false);
    expect(say('lladdr 5a:ce:e1:3b:6a:17', 'lladdr 02:00:00:00:00:01')).toBe(false);
    expect(say('lladdr 5a:ce:e1:3b:6a:17', 'lladdr 02:00:00:00:00:02')).toBe(true);
    expect(say('inet6 fe80::1/64', 'inet6 fe80::2/64')).toBe(true);
    expect(say('8000.be64d8123456 no', '8000.020000000001 no')).toBe(true);
  });

  it('keeps well-known addresses apart from names', () => {
    expect(matches('brd ff:ff:ff:ff:ff:ff', 'brd ff:ff:ff:ff:ff:ff')).toBe(true);
    expect(matches('brd ff:ff:ff:ff:ff:ff', 'brd 02:00:00:00:00:01')).toBe(false);
    expect(matches('lladdr 02:00:00:00:00:01', 'lladdr ff:ff:ff:ff:ff:ff')).toBe(false);
  });

  it('knows process ids where a program says that they are, and where a command prints nothing else', () => {
    expect(matches('nginx,pid=812,fd=6', 'nginx,pid=301,fd=6')).toBe(true);
    expect(matches('[1] 4242', '[1] 305')).toBe(true);
    expect(matches('812', '301', { command: 'ip netns pids red' })).toBe(true);
    expect(matches('812', '301', { command: 'wc -l' })).toBe(false);
  });

  it('lets an ellipsis line stand for any number of lines', () => {
    expect(matches('<!DOCTYPE html>\n...', '<!DOCTYPE html>\n<html>\n</html>\n')).toBe(true);
    expect(matches('<!DOCTYPE html>\n…', '<!DOCTYPE html>\n')).toBe(true);
    expect(matches('a\n...\nd', 'a\nb\nc\nd\n')).toBe(true);
    expect(matches('a\n...\nd', 'a\nb\nd\ne\n')).toBe(false);
    expect(matches('...\nd', 'd\nd\n')).toBe(true);
    expect(matches('...', '')).toBe(true);
    expect(matches('a\n...\na', 'a\n')).toBe(false);
  });

  it('lets an ellipsis in a line stand for any run of characters', () => {
    expect(matches('listening on ..., capture', 'listening on eth0, capture')).toBe(true);
    expect(matches('a...c...', 'abcd')).toBe(true);
    expect(matches('a...c', 'abcd')).toBe(false);
    expect(matches('...bc', 'abcbc')).toBe(true);
  });

  it('reads an interrupt on a line of its own', () => {
    expect(matches('a\n^C\n2 packets captured', 'a\n^C2 packets captured\n')).toBe(true);
    expect(matches('a\n^C\n--- statistics', 'a\n^C\n--- statistics\n')).toBe(true);
  });

  it("takes an older version's words for the present ones, about the same thing", () => {
    const older = 'curl: (7) Failed to connect to 127.0.0.1 port 80: Connection refused';
    const now =
      "curl: (7) Failed to connect to 127.0.0.1 port 80 after 0 ms: Couldn't connect to server";
    expect(matches(older, now)).toBe(true);
    expect(matches(older, now.replace('80', '81'))).toBe(false);
    expect(matches(now, older)).toBe(false);
  });
});

/** Lines such as tools print: words, numbers, addresses. */
const word = fc.oneof(
  fc.constantFrom('lo', 'state', 'UP', 'ttl=', 'mtu', '<html>', '(', ')', '$', '*', '\\d', '/24'),
  fc.nat(70_000).map(String),
  fc.constantFrom('10.0.0.1', '02:00:00:00:00:01', 'fe80::1', 'ff:ff:ff:ff:ff:ff', 'time=0.1 ms'),
);
const outputText = fc
  .array(
    fc.array(word, { maxLength: 6 }).map((ws) => ws.join(' ')),
    { maxLength: 8 },
  )
  .map((lines) => lines.join('\n'));

describe('matching, as a property,', () => {
  it('is reflexive', () => {
    fc.assert(fc.property(outputText, (text) => matches(text, `${text}\n`)));
  });

  it('fails on a changed digit of a plain number', () => {
    const around = fc.constantFrom('ttl=', 'mtu ', 'port ', 'if', '10.0.0.', 'id: ');
    fc.assert(
      fc.property(
        outputText,
        around,
        fc.nat(9),
        fc.integer({ min: 1, max: 9 }),
        (text, a, n, by) => {
          const changed = (n + by) % 10;
          return !matches(`${text}\n${a}${n}`, `${text}\n${a}${changed}`);
        },
      ),
    );
  });

  it('renames one to one: what two names in the document share in the run, or the reverse, is a mismatch', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const mac = fc
      .array(byte, { minLength: 4, maxLength: 4 })
      .map((b) => ['02', '11', ...b.map((x) => x.toString(16).padStart(2, '0'))].join(':'));
    const pairs = fc.uniqueArray(mac, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(pairs, ([a, b, c, d]) => {
        expect(matches(`${a}\n${b}\n${a}`, `${c}\n${d}\n${c}`)).toBe(true);
        expect(matches(`${a}\n${b}`, `${c}\n${c}`)).toBe(false);
        expect(matches(`${a}\n${a}`, `${c}\n${d}`)).toBe(false);
      }),
    );
  });
});

describe('two runs held against each other', () => {
  const run = (outputs: readonly string[], exitCode: number | null = 0) =>
    outputs.map((output, i) => ({ line: i, machine: 'host', command: `c${i}`, output, exitCode }));
  const agreed = (a: readonly string[], b: readonly string[]): boolean[] =>
    compareRuns(run(a), run(b)).map((x) => x.agrees);

  it('agree up to names numbered in order of appearance', () => {
    const [x, y] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
    expect(agreed([`${x} ${y}\n`, y], [`${y} ${x}\n`, x])).toEqual([true, true]);
    expect(agreed([x, x], [x, y])).toEqual([true, false]);
  });

  it('do not hold identifiers drawn in each run against each other', () => {
    expect(agreed(['ICMP echo request, id 29, seq 1'], ['ICMP echo request, id 7, seq 1'])).toEqual(
      [true],
    );
    expect(agreed(['Flags [S], seq 960176391, win 1'], ['Flags [S], seq 12345678, win 1'])).toEqual(
      [true],
    );
    expect(agreed(['Flags [.], ack 7, win 1'], ['Flags [.], ack 8, win 1'])).toEqual([false]);
  });

  it('agree on an exit code unless the recording has none', () => {
    const code = (a: number | null, b: number | null): boolean | undefined =>
      compareRuns(run(['x'], a), run(['x'], b))[0]?.agrees;
    expect(code(0, 1)).toBe(false);
    expect(code(null, 1)).toBe(true);
    expect(code(1, null)).toBe(false);
  });

  it('count a command that is missing or another as a disagreement', () => {
    expect(compareRuns(run(['a', 'b']), run(['a'])).map((x) => x.agrees)).toEqual([true, false]);
  });
});
