import { describe, expect, it } from 'vitest';
import { JsonReport, loadLab, runLab, TextReport } from '../index.ts';

/** Runs a lab text; the transcript is what a pipe would get. */
async function run(frontMatter: string, body: string, options: { seed?: number } = {}) {
  const lab = loadLab({ file: 'lab.md', text: `---\n${frontMatter}\n---\n${body}` });
  let transcript = '';
  const report = new TextReport(lab, (text) => {
    transcript += text;
  });
  const result = await runLab(lab, { ...options, listener: report });
  report.finish(result);
  return { ...result, transcript, outputs: result.commands.map((c) => c.output) };
}

const HOST = 'machines: { host: {} }';
const block = (...lines: string[]): string => ['```console', ...lines, '```', ''].join('\n');

describe('machines', () => {
  it('have the interfaces of the front matter, in order of their links', async () => {
    const { outputs } = await run(
      [
        'machines:',
        '  pc:',
        '    hostname: desk',
        '    interfaces:',
        '      eth0: { link: lan, mac: "02:18:ce:0d:00:12", mtu: 9001, qdisc: fq_codel, addresses: [192.168.0.2/24, 10.0.0.1/8], gateway: 192.168.0.1 }',
        '      eth1: { link: lan, up: false }',
        '    files: { /srv/a/b: "text\\n" }',
        '    sysctl: { net.ipv4.ip_forward: 1 }',
      ].join('\n'),
      block(
        '$ ip -br link',
        '$ ip -4 -o addr show eth0',
        '$ ip route',
        '$ cat /etc/hosts /srv/a/b /proc/sys/net/ipv4/ip_forward',
      ),
    );
    expect(outputs[0]).toMatch(
      /^lo +UNKNOWN .*\neth0 +DOWN +02:18:ce:0d:00:12 <NO-CARRIER,BROADCAST,MULTICAST,UP> \neth1 +DOWN .*<BROADCAST,MULTICAST> \n$/,
    );
    expect(outputs[1]?.match(/inet [\d./]+/g)).toEqual(['inet 192.168.0.2/24', 'inet 10.0.0.1/8']);
    expect(outputs[2]).toMatch(/^default via 192\.168\.0\.1 dev eth0/m);
    expect(outputs[3]).toBe('127.0.0.1 localhost\n127.0.1.1 desk\ntext\n1\n');
  });

  it('reach each other through a cable and through a switch, with the delay of their link', async () => {
    const host = (n: number): string =>
      `h${n}: { interfaces: { eth0: { link: lan, addresses: [10.0.0.${n}/24] } } }`;
    for (const ends of [
      [1, 2],
      [1, 2, 3],
    ]) {
      const machines = `machines: { ${ends.map(host).join(', ')} }\nlinks: { lan: { delay: 10ms } }`;
      const { outputs } = await run(machines, block('h1$ ping -c 2 10.0.0.2'));
      expect(outputs[0]).toMatch(/2 received.*\nrtt min\/avg\/max\/mdev = 20\.\d+\//);
    }
  });

  it('whose description their kernel refuses are an error with its place', async () => {
    const bad =
      'machines:\n  a:\n    interfaces:\n      e: { link: l, addresses: [10.0.0.1/8, 10.0.0.1/8] }';
    await expect(run(bad, '')).rejects.toThrow(
      /^lab\.md:5: machines\.a\.interfaces\.e\.addresses\.1: /,
    );
  });

  it('say so when a command of theirs fails before the lab begins', async () => {
    const { transcript, summary } = await run(
      'machines:\n  a:\n    run: [ "true", "ls /nosuch" ]',
      '',
    );
    expect(transcript).toContain('lab.md:4: "ls /nosuch" exits with 2: ls: cannot access');
    expect(summary.failed).toBe(1);
  });
});

describe('a command', () => {
  it('keeps its terminal: directory, variables, and what another terminal has not', async () => {
    const { outputs } = await run(
      HOST,
      `${block('$ cd /tmp; x=1', '$ echo $PWD $x')}${block('$ echo $PWD $x').replace('console', 'console terminal=2')}`,
    );
    expect(outputs).toEqual(['', '/tmp 1\n', '/root\n']);
  });

  it('that outlives its block goes on, and is held against the document once the lab is over', async () => {
    const waiting = [
      '```console terminal=2',
      '$ while ! [ -e /tmp/go ]; do sleep 0.1; done; echo seen',
      'seen',
      '```',
      '',
    ];
    const { summary, commands, transcript } = await run(
      HOST,
      `${waiting.join('\n')}${block('$ touch /tmp/go; sleep 1')}`,
    );
    expect(summary).toEqual({ commands: 2, compared: 1, matched: 1, failed: 0 });
    expect(commands.map((c) => c.exitCode)).toEqual([0, 0]);
    expect(commands[1]?.time).toBeCloseTo(2, 1);
    expect(transcript).toContain('host(2)| seen\n');
  });

  it('has 20 seconds in the first terminal, and then the next one gets a shell of the same state', async () => {
    const { commands } = await run(HOST, block('$ y=2', '$ sleep 60', '$ echo $y'));
    expect(commands.map((c) => [Math.round(c.time), c.output, c.exitCode])).toEqual([
      [0, '', 0],
      [0, '', null],
      [20, '2\n', 0],
    ]);
  });

  it('is interrupted by ^C after what stands above it, an ellipsis included', async () => {
    const loop = '$ trap "echo bye; exit 3" INT; while :; do echo tick; sleep 1; done';
    const { commands } = await run(HOST, block(loop, 'tick', '...', 'tick', '^C', 'bye'));
    expect(commands[0]).toMatchObject({ match: true, output: 'tick\ntick\n^Cbye\n' });
  });

  it('has no exit code if a signal ended it', async () => {
    const { commands } = await run(HOST, block('$ sleep 100', '^C'));
    expect(commands[0]).toMatchObject({ exitCode: null, match: true, failed: false });
  });
});

describe('a run', () => {
  it('is the same for the same seed and another for another', async () => {
    const body = block('$ ip link add d0 type dummy', '$ ip link show d0');
    const mac = async (seed?: number) =>
      (await run(HOST, body, seed === undefined ? {} : { seed })).outputs[1];
    expect(await mac()).toBe(await mac(1));
    expect(await mac(2)).not.toBe(await mac(1));
  });

  it('prints JSON in the order of the commands, though one of them ends last', async () => {
    const text = `---\n${HOST}\n---\n\`\`\`console terminal=2\n$ sleep 3\n\`\`\`\n${block('$ true')}`;
    const lab = loadLab({ file: 'lab.md', text });
    const lines: string[] = [];
    const report = new JsonReport((line) => void lines.push(line));
    report.finish(await runLab(lab, { listener: report }));
    expect(lines.map((l) => JSON.parse(l).command)).toEqual(['sleep 3', 'true', undefined]);
  });
});
