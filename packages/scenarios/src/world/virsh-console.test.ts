import type { TerminalRun } from '@labwire/userland/machine';
import { expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';
import type { World } from './index.ts';

const DOMAIN =
  "<domain type='kvm'><name>vm1</name><memory unit='MiB'>512</memory><os><type arch='x86_64'>hvm</type></os><devices><serial type='pty'/></devices></domain>";

/** A host where vm1 runs. */
async function host(): Promise<World> {
  let made: World | undefined;
  const text = `---\nmachines:\n  host:\n    run: [ systemctl start libvirtd, virsh create /root/vm1.xml ]\n    files:\n      /root/vm1.xml: "${DOMAIN}"\n---\n\`\`\`console\n$ sleep 5\n\`\`\`\n`;
  await runLab(loadLab({ file: 'lab.md', text }), {
    onBuilt: (world) => {
      made = world;
    },
  });
  return made as World;
}

/** Types a command, then keys, a second apart. */
async function type(world: World, command: string, ...keys: string[]): Promise<TerminalRun> {
  const { sim } = world;
  const run = world.machines.get('host')?.openTerminal('t').run(command) as TerminalRun;
  const second = () => sim.run(sim.now + 1e9);
  await second();
  for (const key of keys) {
    run.type(key);
    await second();
  }
  return run;
}

const CONNECTED = "Connected to domain 'vm1'\nEscape character is ^] (Ctrl + ])\n";

it('joins a terminal to the guest, key by key, until Ctrl-]', async () => {
  const world = await host();
  const run = await type(world, 'virsh console vm1', 'root\r', 'hostnaem\x7f\x7f\x7fame\r');
  expect(run.tty.raw).toBe(true);
  expect(run.output.startsWith(CONNECTED)).toBe(true);
  expect(run.output).toContain('vm1 login: root\r\n');
  expect(run.output).toMatch(/\r\nvm1\r\n/);
  run.type('\x1d');
  await world.sim.run(world.sim.now + 1e9);
  expect([run.done, run.exitCode, run.tty.raw]).toEqual([true, 0, false]);
  expect(run.output.endsWith('\n')).toBe(true);
});

it('takes Ctrl-C for the command that runs, or for the line that is typed', async () => {
  const world = await host();
  const keys = [
    'root\r',
    '\x03',
    'echo "a\r',
    '\x03',
    'sleep 100\r',
    '\x03',
    'echo still $((6 * 7))\r',
  ];
  const run = await type(world, 'virsh console vm1', ...keys);
  expect(run.output).toMatch(/still 42\r\n[^\n]*# $/);
  expect(run.done).toBe(false);
});

it('is left with the guest, which its own poweroff ends', async () => {
  const world = await host();
  const run = await type(world, 'virsh -q console vm1', 'root\r', 'poweroff\r', '', '');
  expect([run.done, run.exitCode, run.tty.raw]).toEqual([true, 0, false]);
});

it('has one seat, which --force gives to the next', async () => {
  const world = await host();
  const first = await type(world, 'virsh console vm1');
  const second = await type(world, 'virsh console vm1');
  expect(second.output).toBe(
    `${CONNECTED}error: operation failed: Active console session exists for this domain\n\n`,
  );
  const third = await type(world, 'virsh -e x console vm1 --force', 'root\r');
  expect(third.output).toContain('Escape character is x\n');
  expect([first.done, third.done]).toEqual([true, false]);
});

it.each([
  ['virsh console vm1 --devname nodev', 'internal error: cannot find character device nodev'],
  ['virsh console vm1 < /dev/null', 'Cannot run interactive console without a controlling TTY'],
  ['virsh destroy vm1 > /dev/null; virsh console vm1', "failed to get domain 'vm1'"],
])('%s: %s', async (command, why) => {
  const run = await type(await host(), command);
  expect(run.output).toContain(`error: ${why}\n`);
  expect(run.exitCode).toBe(1);
});

it('tells which terminal it is', async () => {
  const run = await type(await host(), 'virsh ttyconsole vm1');
  expect(run.output).toMatch(/^\/dev\/pts\/\d+\n\n$/);
});
