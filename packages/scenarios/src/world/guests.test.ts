import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

/** Runs a lab text. */
async function run(frontMatter: string, ...lines: readonly string[]) {
  const text = `---\n${frontMatter}\n---\n${['```console', ...lines, '```', ''].join('\n')}`;
  const notes: string[] = [];
  const lab = loadLab({ file: 'lab.md', text });
  const result = await runLab(lab, { listener: { onNote: (note) => void notes.push(note) } });
  return { ...result, notes, outputs: result.commands.map((c) => c.output) };
}

const HOST = 'machines: { host: {} }';
const TAP = [
  '$ ip tuntap add dev tap0 mode tap',
  '$ ip addr add 10.0.2.1/24 dev tap0',
  '$ ip link set tap0 up',
];
const NET = '-netdev tap,id=n0,ifname=tap0,script=no,downscript=no -device e1000,netdev=n0';
const START = `$ qemu-system-x86_64 -name vm1 ${NET} -daemonize`;

describe('a guest', () => {
  it('is a machine at which one can type once it has booted, and reaches its host through the tap', async () => {
    const { outputs, commands } = await run(
      HOST,
      ...TAP,
      START,
      'vm1$ hostname; cat /sys/class/net/eth0/address',
      'vm1$ ip addr add 10.0.2.2/24 dev eth0; ping -c 1 10.0.2.1',
      '$ ping -c 1 10.0.2.2',
    );
    expect(outputs[4]).toBe('vm1\n52:54:00:12:34:56\n');
    expect(commands[4]?.time).toBeGreaterThan(2);
    expect(outputs[5]).toContain('1 received');
    expect(outputs[6]).toContain('1 received');
  });

  it('is gone with its process, and so is the carrier of its tap', async () => {
    const { outputs } = await run(
      HOST,
      ...TAP,
      START,
      'vm1$ true',
      '$ cat /sys/class/net/tap0/carrier',
      '$ pkill qemu; sleep 1; cat /sys/class/net/tap0/carrier',
      'vm1$ true',
    );
    expect(outputs.slice(5)).toEqual([
      '1\n',
      '0\n',
      'labwire: vm1 is not running: it has been powered off\n',
    ]);
  });

  it('that was never started is not taken for another machine', async () => {
    const { outputs, summary } = await run(HOST, 'vm1$ hostname', `$ true ${START}`);
    expect(outputs[0]).toContain('no guest of this name has been started');
    expect(summary.failed).toBe(1);
  });

  it('has what the lab says of its disk', async () => {
    const { outputs } = await run(
      `${HOST}\nimages: { big.img: { hostname: big, nic: enp1s0, files: { /etc/motd: "hi\\n" }, run: ["touch /tmp/ran"] } }`,
      ...TAP,
      `$ qemu-system-x86_64 -hda /srv/big.img ${NET} -daemonize`,
      '[root@big ~]# cat /etc/motd; ls /tmp; ls -1 /sys/class/net',
    );
    expect(outputs[4]).toBe('hi\nran\nenp1s0\nlo\n');
  });

  it('serves as the machine of the front matter that has its name', async () => {
    const { outputs } = await run(
      'machines: { host: {}, vm1: { hostname: db, files: { /srv/x: "x\\n" } } }',
      ...TAP,
      START,
      'vm1$ hostname; cat /srv/x; cat /sys/class/net/eth0/address',
    );
    expect(outputs[4]).toBe('db\nx\n52:54:00:12:34:56\n');
  });

  it('is told of when another one has the same address', async () => {
    const { notes } = await run(
      HOST,
      '$ qemu-system-x86_64 -name a -device e1000 -daemonize 2>/dev/null',
      '$ qemu-system-x86_64 -name b -device e1000 -daemonize 2>/dev/null',
      'b$ true',
    );
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('guests a and b have the same MAC address 52:54:00:12:34:56');
  });
});
