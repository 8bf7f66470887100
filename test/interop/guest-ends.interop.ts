import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { labUp, type Running } from './lab-up.ts';

const QEMU = 'qemu-system-x86_64';
const able = spawnSync(QEMU, ['--version']).status === 0;
if (!able) console.log(`skipped: no ${QEMU}`);

let folder = '';
let lab: Running | undefined;

/** A lab with nothing but a host. */
async function start(env?: Readonly<Record<string, string>>): Promise<Running> {
  const file = join(folder, 'lab.md');
  writeFileSync(file, '---\nmachines: { host: {} }\n---\n');
  lab = labUp([file, '--qemu'], undefined, env);
  await lab.until(/the lab is up/);
  return lab;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labwire-'));
});

afterEach(async () => {
  await lab?.end();
  rmSync(folder, { recursive: true });
});

it.runIf(able).each(['SIGINT', 'SIGKILL'] as const)(
  'ends real guests with a lab that ends by %s',
  async (signal) => {
    const up = await start();
    const path = join(folder, 'qmp');
    up.type(`${QEMU} -name vm -S -qmp unix:${path},server=on,wait=off &`);
    await up.until(/guest vm runs/);
    const qmp = createConnection(path);
    qmp.resume();
    await once(qmp, 'connect');
    qmp.on('error', () => undefined); // of a connection that QEMU's end resets
    const gone = new Promise((done) => qmp.once('close', done));
    await up.end(signal);
    await gone;
  },
);

it.runIf(able)('lets a guest end, and come back', async () => {
  const up = await start();
  up.type('ip tuntap add tap0 mode tap; ip link set tap0 up; cat /sys/class/net/tap0/carrier');
  await up.until(/^0$/m);
  for (const round of [1, 2]) {
    const tap = '-netdev tap,id=n0,ifname=tap0,script=no,downscript=no -device e1000,netdev=n0';
    up.type(
      `${QEMU} -name vm ${tap} -S -daemonize; echo carrier ${round}$(cat /sys/class/net/tap0/carrier)`,
    );
    await up.until(new RegExp(`carrier ${round}1`));
    up.type(`pkill qemu; while pgrep qemu > /dev/null; do sleep 0.1; done; echo gone ${round}$?`);
    await up.until(new RegExp(`gone ${round}0`));
    await up.until(new RegExp(`(guest vm has ended[^]*){${round}}`));
  }
});

it.runIf(able)('says in a line what is missing: a disk, a kernel, QEMU itself', async () => {
  const up = await start();
  up.type(`${QEMU} -hda nosuch.img; echo ended with $?`);
  await up.until(/ended with 1/);
  expect(up.said).toMatch(
    /^qemu-system-x86_64: -hda nosuch\.img: Could not open 'nosuch\.img': No such file or directory$/m,
  );
  await up.end();
  const without = await start({ PATH: folder });
  without.type(`${QEMU} -hda nosuch.img; echo ended with $?`);
  await without.until(/ended with 1/);
  expect(without.said).toMatch(
    /^qemu-system-x86_64: not installed on this computer, .* install it \(on Debian: apt install qemu-system-x86\)$/m,
  );
});
