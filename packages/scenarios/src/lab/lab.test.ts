import { describe, expect, it } from 'vitest';
import { loadLab } from './lab.ts';

const lab = (frontMatter: string, body = '', overlay?: string) =>
  loadLab(
    { file: 'lab.md', text: `---\n${frontMatter}\n---\n${body}` },
    overlay === undefined ? undefined : { file: 'over.yaml', text: overlay },
  );
const two = 'machines: { host: {}, vm0: { hostname: web }, vm1: {} }';

describe('front matter', () => {
  it('leaves the keys of other tools alone', () => {
    expect(lab('🛑첫날: "✏ 2024/08/08"\ntags: [a]\n진행바: 🟩⬜ 60%\nseed: 7').config.seed).toBe(7);
  });

  it('reads machines, links, times and what is typed first', () => {
    const { config } = lab(
      [
        'machines:',
        '  pc:',
        '    hostname: localhost',
        '    interfaces: { eth0: { link: lan, mac: "02:18:ce:0d:00:12", mtu: 9001, addresses: [10.0.0.1/8, "2001:db8::1/64"], gateway: 10.0.0.2 } }',
        '    sysctl: { net.ipv4.ip_forward: 1, net.ipv6.conf.all.disable_ipv6: true }',
        '    run: [ nginx ]',
        'links: { lan: { delay: 1.5ms, rate: 1gbit, loss: 0.5% } }',
        'linger: 5',
      ].join('\n'),
    );
    expect(config.machines[0]).toMatchObject({
      name: 'pc',
      hostname: 'localhost',
      sysctl: [
        ['net.ipv4.ip_forward', '1'],
        ['net.ipv6.conf.all.disable_ipv6', '1'],
      ],
      run: ['nginx'],
      interfaces: [
        {
          name: 'eth0',
          mac: 0x0218ce0d0012,
          mtu: 9001,
          addresses: [{ prefixLen: 8 }, { prefixLen: 64 }],
        },
      ],
    });
    expect(config.links.get('lan')).toEqual({ delay: 1_500_000, rate: 1e9, loss: 0.005 });
    expect(config.linger).toBe(5e9);
  });

  it.each([
    ['machines:\n  a: {}\n  a: {}', 4, /a is there twice; give one of the two another name/],
    ['machines: [a', 2, /not YAML/],
    [
      'machines: { a: { interfaces: { eth0: { link: lan, addresses: [10.0.0.300/24] } } } }',
      2,
      /machines\.a\.interfaces\.eth0\.addresses\.0: "10\.0\.0\.300\/24" is no address; write/,
    ],
    [
      'machines:\n  a:\n    interfaces:\n      eth0: { link: lan, addresses: [10.0.0.1/33] }',
      5,
      /is no address/,
    ],
    [
      'machines:\n  a:\n    interfaces:\n      eth0: { link: x }\n  b: { interfaces: { eth0: { link: wam } } }\nlinks:\n  wan: {}\n  x: {}',
      8,
      /links\.wan: no interface is plugged/,
    ],
    [
      'machines:\n  a: { interfaces: { eth0: { link: lan } } }\n  b: { interfaces: { eth0: { link: lam } } }\nlinks:\n  lan: {}',
      4,
      /unknown link "lam"; write one of lan/,
    ],
    ['machines: { a: { interfces: {} } }', 2, /machines\.a\.interfces: Labwire knows no such key/],
    ['machines: { a: { kernel: "4.19" } }', 2, /machines\.a\.kernel: .*write 5\.x or 6\.x/],
    [
      'machines: { a: { interfaces: { eth0: { link: l, mac: "01:00:00:00:00:01" } } } }',
      2,
      /no NIC's MAC/,
    ],
    ['machines: { a: { interfaces: { eth0: { link: l, mtu: 20 } } } }', 2, /write 68 or more/],
    [
      'machines: { a: { interfaces: { eth0: { link: l, dhcp: true, addresses: [10.0.0.1/8] } } } }',
      2,
      /dhcp: a DHCP client gets address and gateway itself; take out/,
    ],
    ['machines: { a: { interfaces: { lo: { link: l } } } }', 2, /every machine has lo/],
    ['machines: { a: { files: { etc: x } } }', 2, /no absolute path/],
    ['world: moon', 2, /world: no world; write home or none/],
    [
      'world: home\nmachines:\n  pc: { interfaces: { eth0: { link: lan } } }',
      2,
      /world: no interface is plugged into the home network; give one "link: home"/,
    ],
    ['world: home\nmachines:\n  router: {}', 4, /machines\.router: .* choose another name/],
    [
      'world: home\nmachines:\n  pc: { interfaces: { eth0: { link: home, addresses: [192.168.0.1/24] } } }',
      4,
      /addresses\.0: 192\.168\.0\.1 is the address of the home world's router; choose/,
    ],
    [
      'world: home\nmachines: { a: { interfaces: { e: { link: home }, f: { link: access } } } }',
      3,
      /interfaces\.f\.link: the home world has a link access; choose another name/,
    ],
    ['seed: x', 2, /seed: no seed/],
    [
      'title: a\nlinks: { l: { delay: 1 } }\nmachines: { a: { interfaces: { e: { link: l } } } }',
      3,
      /links\.l\.delay: 1 is no delay/,
    ],
  ])('%j is one error with its line and mend', (yaml, line, message) => {
    expect(() => lab(yaml)).toThrow(message);
    expect(() => lab(yaml)).toThrow(new RegExp(`^lab\\.md:${line}: `));
  });

  it('without machines gives one host at home, or alone in the world', () => {
    expect(lab('seed: 1').config.machines[0]).toMatchObject({
      name: 'host',
      interfaces: [{ name: 'eth0', link: 'home' }],
    });
    expect(lab('world: none').config.machines[0]).toMatchObject({ name: 'host', interfaces: [] });
  });

  it('puts the first machine at home where it does not say where it is', () => {
    const { machines } = lab('world: home\nmachines: { pc: {}, other: {} }').config;
    expect(machines.map((m) => m.interfaces.map((i) => i.link))).toEqual([['home'], []]);
    const { links } = lab('links: { home: { delay: 1ms } }').config;
    expect([...links]).toEqual([['home', { delay: 1_000_000 }]]);
  });
});

describe('a text that is no document', () => {
  it('is refused with its place', () => {
    expect(() => loadLab({ file: 'a.bin', text: 'x\n\0' })).toThrow(/^a\.bin:2: a binary file/);
    const long = 'x'.repeat(5_000_000);
    expect(() => loadLab({ file: 'a.md', text: long })).toThrow(/^a\.md: 5\.0 million characters/);
  });
});

describe('commands', () => {
  it('are typed where their prompt, their block or the first machine says', () => {
    const body =
      '```console\n$ a\nme@web:~$ b\nvm1# c\nother$ d\n```\n```console on=vm1 terminal=x may-fail\n$ e\n```\n';
    expect(lab(two, body).steps.map((s) => [s.machine, s.terminal, s.command, s.mayFail])).toEqual([
      ['host', '1', 'a', false],
      ['vm0', '1', 'b', false],
      ['vm1', '1', 'c', false],
      ['host', '1', 'd', false],
      ['vm1', 'x', 'e', true],
    ]);
  });

  it('of a machine that is not there are an error', () => {
    expect(() => lab(two, '```console on=vm9\n$ a\n```')).toThrow(
      /^lab\.md:4: on=vm9: no machine .* host, vm0, vm1/,
    );
  });
});

describe('an overlay', () => {
  const body = [
    '```bash',
    '#VM0',
    'ifconfig eth0 10.0.2.2',
    '# VM1 (the other)',
    'ifconfig eth0 10.0.2.3',
    '```',
    '```bash',
    '-netdev user,id=usernet \\',
    '-device e1000',
    '```',
    '```console',
    '$ apt install x',
    '```',
  ].join('\n');
  const steps = (overlay: string): string[] =>
    lab(two, body, overlay).steps.map((s) => `${s.machine}: ${s.command}`);

  it('switches machines at comment lines, fills lines into a command, and skips', () => {
    const overlay = [
      'blocks:',
      '  - contains: "ifconfig eth0 10.0.2.2"',
      '    switch: { "VM0": vm0, "VM1": vm1 }',
      '  - line: 10',
      '    command: "qemu {} -m 1"',
      '  - contains: "apt install"',
      '    skip: true',
    ].join('\n');
    expect(steps(overlay)).toEqual([
      'vm0: ifconfig eth0 10.0.2.2',
      'vm1: ifconfig eth0 10.0.2.3',
      'host: qemu -netdev user,id=usernet \\\n-device e1000 -m 1',
    ]);
  });

  it('says how to read the output that a block shows', () => {
    const shown = ['```console', '$ ping test1', '604K  538M all <-- note', 'rest', '```'].join(
      '\n',
    );
    const read = (keys: string) =>
      lab(two, shown, `blocks: [ { contains: "604K", ${keys} } ]`).steps[0]?.expected?.map(
        (l) => l.text,
      );
    expect(read('notes: [" <-- note"], any: ["604K  538M"]')).toEqual(['... all', 'rest']);
    expect(read('part: true')).toEqual(['...', '604K  538M all <-- note', 'rest', '...']);
    expect(read('interrupt: true')?.slice(2)).toEqual(['^C', '...']);
    expect(() => read('notes: ["nowhere"]')).toThrow(
      /^over\.yaml:1: blocks\.0\.notes\.0: no line of the block holds "nowhere"; write it as/,
    );
  });

  it('types what the document forgot, after the command that holds the text', () => {
    const overlay =
      'blocks:\n  - { after: "10.0.2.2", run: [ "ip link set eth0 up", "true" ] }\n  - { line: 10, skip: true }';
    expect(steps(overlay)).toEqual([
      'host: ifconfig eth0 10.0.2.2',
      'host: ip link set eth0 up',
      'host: true',
      'host: ifconfig eth0 10.0.2.3',
      'host: apt install x',
    ]);
  });

  it("goes before the document's own keys", () => {
    expect(lab('seed: 1', '', 'seed: 2').config.seed).toBe(2);
    expect(lab(two, '', 'machines: { pc: {} }').config.machines.map((m) => m.name)).toEqual(['pc']);
  });

  it.each([
    ['seed: 1\nmachines: { a: {}, b: {}, a: {} }', 2, /a is there twice/],
    ['blocks:\n  - contains: "nowhere"\n    skip: true', 2, /no block of lab\.md holds "nowhere"/],
    ['blocks:\n  - line: 5\n    skip: true', 2, /no block of lab\.md begins at line 5/],
    ['blocks:\n  - after: "nowhere"\n    run: [ a ]', 2, /no command of lab\.md holds "nowhere"/],
    ['blocks:\n  - contains: "VM0"\n    switch: { "VM0": vm7 }', 3, /no machine is named "vm7"/],
    ['blocks:\n  - skip: true', 2, /does not say which block/],
    ['blocks:\n  - contains: "VM0"\n    command: "qemu"', 3, /no place for the line/],
    ['blocks:\n  - contains: "VM0"\n    skipp: true', 3, /Labwire knows no such key/],
    ['machine: {}', 1, /machine: Labwire knows no such key/],
  ])('%j is one error with its line', (overlay, line, message) => {
    expect(() => lab(two, body, overlay)).toThrow(message);
    expect(() => lab(two, body, overlay)).toThrow(new RegExp(`^over\\.yaml:${line}: `));
  });
});
