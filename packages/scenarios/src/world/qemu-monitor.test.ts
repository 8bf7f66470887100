import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

const START =
  '$ qemu-system-x86_64 -name vm1 -netdev user,id=n0,hostfwd=tcp::8080-:80 -device virtio-net-pci,netdev=n0 -monitor tcp:127.0.0.1:4444,server,nowait -daemonize';

/** Starts a guest with a monitor on port 4444 and types commands. @returns what they print */
async function run(...lines: readonly string[]): Promise<string[]> {
  const text = `---\nworld: home
machines: { host: { interfaces: { eth0: { link: home, addresses: [192.168.0.2/24], gateway: 192.168.0.1 } } } }\n---\n${['```console may-fail', START, ...lines, '```', ''].join('\n')}`;
  const { commands, error } = await runLab(loadLab({ file: 'lab.md', text }));
  expect(error).toBeUndefined();
  return commands.slice(1).map((c) => c.output);
}

const tell = (command: string): string =>
  `$ echo "${command}" | nc -w 1 127.0.0.1 4444 | tail -n +2`;

describe("QEMU's monitor on a port", () => {
  it("pulls the cable of a guest's NIC and plugs it in again", async () => {
    const carrier = 'vm1$ cat /sys/class/net/eth0/carrier';
    const outputs = await run(tell('set_link n0 off'), carrier, tell('set_link n0 on'), carrier);
    expect(outputs.filter((_, i) => i % 2 === 1)).toEqual(['0\n', '1\n']);
  });

  it('forwards another port while the guest runs, and takes it away', async () => {
    const [, added, , gone] = await run(
      tell('hostfwd_add tcp::8081-:80'),
      '$ ss -Htln | grep -o :8081',
      tell('hostfwd_remove tcp::8081'),
      '$ ss -Htln | grep -o :8081',
    );
    expect([added, gone]).toEqual([':8081\n', '']);
  });

  it('shows the connections of a user-mode network', async () => {
    const outputs = await run(
      'vm1$ nc -l -p 80 >/dev/null &',
      '$ sleep 5 | nc 127.0.0.1 8080 &',
      '$ sleep 1',
      tell('info usernet'),
    );
    expect(outputs[3]).toMatch(/TCP\[ESTABLISHED\] +\d+ +127\.0\.0\.1 +8080 +10\.0\.2\.15 +80/);
    expect(outputs[3]).toMatch(/TCP\[HOST_FORWARD\] +\d+ +\* +8080 +10\.0\.2\.15 +80/);
  });

  it('ends the guest with quit', async () => {
    const outputs = await run(tell('quit'), '$ pgrep -c qemu');
    expect(outputs[1]).toBe('0\n');
  });
});
