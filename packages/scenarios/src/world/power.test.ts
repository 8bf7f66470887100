import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

/** Outputs of lines typed at a host with libvirt and domains `vm1`, and `vm2` with other ideas of what a reboot is. */
async function typed(...lines: readonly string[]) {
  const domain = (name: string, more: string): string =>
    `<domain type='kvm'><name>${name}</name><memory unit='MiB'>512</memory><os><type arch='x86_64'>hvm</type></os>${more}<devices><serial type='pty'/></devices></domain>`;
  const other = '<on_poweroff>restart</on_poweroff><on_reboot>destroy</on_reboot>';
  const text = [
    '---',
    'machines:',
    '  host:',
    '    run: [ systemctl start libvirtd, virsh define /root/vm1.xml, virsh define /root/vm2.xml ]',
    '    files:',
    `      /root/vm1.xml: "${domain('vm1', '')}"`,
    `      /root/vm2.xml: "${domain('vm2', other)}"`,
    '---',
    ...['```console', ...lines, '```', ''],
  ].join('\n');
  const result = await runLab(loadLab({ file: 'lab.md', text }));
  expect(result.error).toBeUndefined();
  return result.commands;
}

const STATE = '$ virsh domstate --reason';

describe('a guest', () => {
  it.each(['poweroff', 'shutdown -h now', 'systemctl poweroff', 'halt -p', 'poweroff -f'])(
    'that is told "%s" is gone a little later, and its domain is shut off',
    async (command) => {
      const done = await typed(
        '$ virsh start vm1',
        `vm1$ ${command}`,
        `$ sleep 3; virsh -q list --all | grep vm1; virsh domstate vm1 --reason`,
        'vm1$ true',
      );
      // with -f nobody is left to tell
      const force = command.endsWith('-f');
      expect(done[1]?.output).toBe(force ? 'Powering off.\n' : '');
      expect(done[1]?.exitCode).toBe(force ? null : 0);
      expect(done[2]?.output).toBe(' -   vm1   shut off\nshut off (shutdown)\n\n');
      expect(done[3]?.output).toContain('it has been powered off');
    },
  );

  it('that reboots is another one under the same id', async () => {
    const done = await typed(
      '$ virsh start vm1',
      'vm1$ touch /tmp/mark; reboot',
      '$ sleep 8; virsh -q list',
      'vm1$ ls /tmp/mark',
    );
    expect(done[2]?.output).toBe(' 1   vm1   running\n');
    expect(done[3]?.output).toContain('No such file or directory');
  });

  it('does what its domain says instead: it is gone by a reboot, and back after it was switched off', async () => {
    const done = await typed(
      '$ virsh start vm2',
      'vm2$ touch /tmp/mark; poweroff',
      `$ sleep 8; virsh -q list`,
      'vm2$ ls /tmp/mark; reboot',
      `${STATE} vm2; sleep 3; virsh domstate vm2 --reason`,
    );
    expect(done[2]?.output).toBe(' 1   vm2   running\n');
    expect(done[3]?.output).toContain('No such file or directory');
    expect(done[4]?.output).toBe('running (booted)\n\nshut off (shutdown)\n\n');
  });

  it('that halts is dead, with its power on', async () => {
    const done = await typed('$ virsh start vm1', 'vm1$ halt', `$ sleep 3; virsh domstate vm1`);
    expect(done[2]?.output).toBe('running\n\n');
  });

  it('goes down when its time has come, unless that is called off', async () => {
    const done = await typed(
      '$ virsh start vm1',
      'vm1$ shutdown -r +2',
      'vm1$ shutdown -c; shutdown',
      ...Array.from({ length: 3 }, () => '$ sleep 19; virsh -q list'),
      '$ sleep 9; virsh -q list',
    );
    expect(done[1]?.output).toMatch(
      /^Reboot scheduled for Thu 2026-01-01 00:02:\d\d UTC, use 'shutdown -c' to cancel\.\n$/,
    );
    expect(done[2]?.output).toMatch(/^Shutdown scheduled for Thu 2026-01-01 00:01:\d\d UTC/);
    expect(done.slice(-4).map((c) => c.output)).toEqual([
      ...Array(3).fill(' 1   vm1   running\n'),
      '',
    ]);
  });

  it('of a QEMU ends it, and so does a reboot with -no-reboot', async () => {
    for (const [words, command] of [
      ['', 'poweroff'],
      ['-no-reboot', 'reboot'],
    ]) {
      const done = await typed(
        `$ qemu-system-x86_64 -name q1 -nic none ${words} -daemonize`,
        `q1$ ${command}`,
        '$ sleep 3; pgrep -c qemu',
      );
      expect(done[2]?.output).toBe('0\n');
    }
  });
});

it('is no business of machines that nobody has switched on, nor of users', async () => {
  const done = await typed(
    '$ poweroff',
    '$ virsh start vm1',
    'vm1$ su nobody -s /bin/sh -c reboot',
  );
  expect(done[0]).toMatchObject({ exitCode: 1 });
  expect(done[0]?.output).toContain('host stays on');
});

it.each([
  ['poweroff -Z', "poweroff: invalid option -- 'Z'"],
  ['poweroff x', 'Too many arguments.'],
  ['shutdown foo', 'Failed to parse time specification: foo'],
  ['shutdown 25:00', 'Failed to parse time specification: 25:00'],
])('"%s" is refused: %s', async (command, why) => {
  const [first] = await typed(`$ ${command}`);
  expect([first?.output, first?.exitCode]).toEqual([`${why}\n`, 1]);
});
