import { POLLIN, WaitQueue } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import type {
  RealGuest,
  RealGuestRequest,
  RealGuestState,
  RealHypervisor,
} from '@labwire/userland/machine';
import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

/** A guest that does nothing of its own. */
class Puppet implements RealGuest {
  readonly request: RealGuestRequest;
  readonly wq = new WaitQueue();
  state: RealGuestState = 'running';
  exitCode = 0;
  readonly typed: number[] = [];
  readonly seen: number[] = [];
  said = '';

  constructor(request: RealGuestRequest) {
    this.request = request;
    for (const nic of request.nics) nic.plug((skb) => this.seen.push(skb.len));
  }

  get name(): string {
    return this.request.name;
  }

  get isUp(): boolean {
    return this.state !== 'off';
  }

  poll(): number {
    return this.state === 'off' || this.said !== '' ? POLLIN : 0;
  }

  takeOutput(): Uint8Array {
    return new Uint8Array(0);
  }

  takeErrors(): string {
    const said = this.said;
    this.said = '';
    return said;
  }

  type(keys: Uint8Array): void {
    this.typed.push(...keys);
  }

  pause(): void {}
  shutdown(): void {}
  reset(): void {}
  setLink(): void {}

  end(): void {
    this.state = 'off';
    this.wq.wake();
  }
}

class Puppets implements RealHypervisor {
  readonly all: Puppet[] = [];
  /** What QEMU says as it ends at once; empty: it runs. */
  failure = '';

  start(request: RealGuestRequest): Puppet {
    const puppet = new Puppet(request);
    this.all.push(puppet);
    if (this.failure !== '')
      Object.assign(puppet, { state: 'off', exitCode: 1, said: this.failure });
    return puppet;
  }
}

/** Runs lines with guests outside. */
async function run(puppets: Puppets, ...lines: readonly string[]) {
  const text = `---\nmachines: { host: {} }\n---\n${['```console', ...lines, '```', ''].join('\n')}`;
  const notes: string[] = [];
  const result = await runLab(loadLab({ file: 'lab.md', text }), {
    listener: { onNote: (note) => void notes.push(note) },
    onBuilt: (world) => {
      world.guests.hypervisor = puppets;
    },
  });
  return { ...result, notes, outputs: result.commands.map((c) => c.output) };
}

const TAP = '$ ip tuntap add dev tap0 mode tap; ip link set tap0 up';
const NET = '-netdev tap,id=n0,ifname=tap0,script=no,downscript=no';

describe('a guest outside the simulation', () => {
  it('gets its words as they were typed, its networks and terminals excepted', async () => {
    const puppets = new Puppets();
    await run(
      puppets,
      TAP,
      `$ qemu-system-x86_64 -name vm1 -m 1G -hda a,,b.img ${NET} -device e1000,netdev=n0,id=x,romfile= -pidfile /run/vm -daemonize`,
    );
    const [guest] = puppets.all;
    expect(guest?.request.words.join(' ')).toBe(
      '-name vm1 -m 1G -hda a,,b.img -nic none -device e1000,netdev=labwire0,mac=52:54:00:12:34:56,id=x,romfile= -serial chardev:labwire-console -monitor none',
    );
    expect(guest?.request).toMatchObject({
      program: 'qemu-system-x86_64',
      console: { id: 'labwire-console', mux: false },
      displayByDefault: true,
    });
  });

  it('has the kvm of its program’s name', async () => {
    const puppets = new Puppets();
    await run(puppets, '$ kvm -nic none -nographic &');
    expect(puppets.all[0]?.request.program).toBe('qemu-system-x86_64');
    expect(puppets.all[0]?.request.words).toContain('-enable-kvm');
  });

  it('is joined to its tap: frames come and go, and the carrier is that of its process', async () => {
    const puppets = new Puppets();
    const lab = run(
      puppets,
      TAP,
      `$ qemu-system-x86_64 ${NET} -device e1000,netdev=n0 -daemonize; cat /sys/class/net/tap0/carrier`,
      '$ ip addr add 10.0.0.1/24 dev tap0; ping -c 1 -W 1 10.0.0.2 > /dev/null',
      '$ pkill qemu; sleep 1; cat /sys/class/net/tap0/carrier',
    );
    const { outputs } = await lab;
    expect([outputs[1], outputs[3]]).toEqual(['1\n', '0\n']);
    const [guest] = puppets.all;
    expect(guest?.seen).toContain(42); // who has 10.0.0.2
    expect(guest?.state).toBe('off');
    expect(() => guest?.request.nics[0]?.receive(allocSkb(0))).not.toThrow();
  });

  it('that could not be started ends its line with its own words and status', async () => {
    const puppets = new Puppets();
    puppets.failure = "qemu-system-x86_64: -hda x: Could not open 'x'\n";
    const { commands } = await run(puppets, '$ qemu-system-x86_64 -hda x', '$ echo $?');
    expect(commands[0]).toMatchObject({ output: puppets.failure, exitCode: 1 });
  });

  it('goes on while the next line is typed, and has its own console for what is meant for it', async () => {
    const puppets = new Puppets();
    const { commands, notes } = await run(
      puppets,
      '$ qemu-system-x86_64 -name vm1 -nographic',
      'vm1$ ip link',
      '$ echo next',
    );
    expect(commands.map((c) => [c.output, c.time < 1])).toEqual([
      ['', true],
      ['next\n', true],
    ]);
    expect(notes).toEqual(["line 6 is for vm1's own console: ip link"]);
  });

  it('gets a name of its own if another one has it', async () => {
    const puppets = new Puppets();
    const start = '$ qemu-system-x86_64 -name vm1 -nic none -daemonize';
    await run(puppets, start, start, '$ pkill -o qemu; sleep 1', start);
    expect(puppets.all.map((g) => g.name)).toEqual(['vm1', 'vm1-2', 'vm1']);
  });
});
