import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import {
  type Arrival,
  type Machine,
  type Network,
  playIn,
  type Scenario,
  Seen,
  type Trace,
  USER_MODE,
} from '@labwire/scenarios/properties';

const DRIVER = fileURLToPath(new URL('./linux-network.py', import.meta.url));
/** Seconds until a real kernel, on a machine with other work, has passed on what was sent. */
const SETTLE = 0.4;
const SILENT = 'iptables -t raw -A PREROUTING ! -i lo -j DROP';

/** Plays a scenario on this machine's kernel, in namespaces of its own. Needs root. */
export async function playOnLinux(scenario: Scenario): Promise<Trace> {
  const network = new LinuxNetwork();
  try {
    await network.setUp(scenario);
    return await playIn(network, scenario);
  } finally {
    await network.close();
  }
}

class LinuxNetwork implements Network {
  readonly #child: ChildProcess = spawn('python3', [DRIVER], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readonly #lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[
    Symbol.asyncIterator
  ]();

  async #ask(request: object): Promise<Record<string, unknown>> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the namespaces are gone');
    return JSON.parse(value) as Record<string, unknown>;
  }

  async setUp(s: Scenario): Promise<void> {
    const listen = s.rules?.includes('REDIRECT') === true;
    await this.#ask({ setup: setupOf(s), router: [...rulesOf(s), ...s.router], listen });
    await this.pass(0.2);
  }

  async send(from: Machine, packet: Uint8Array): Promise<void> {
    await this.#ask({ send: from, hex: Buffer.from(packet).toString('hex') });
  }

  async command(text: string): Promise<string | undefined> {
    const { code, output } = await this.#ask({ run: text });
    return code === 0 ? undefined : `${text}: ${output}`;
  }

  async pass(seconds: number = SETTLE): Promise<readonly Arrival[]> {
    const { arrived } = await this.#ask({ pass: seconds });
    return (arrived as [Machine, string][]).map(([machine, hex]) => {
      const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
      const length = (bytes[2] as number) * 256 + (bytes[3] as number);
      return { machine, packet: new Seen(bytes.slice(0, length)) };
    });
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await gone;
  }
}

function rulesOf(s: Scenario): string[] {
  if (s.rules === undefined)
    return USER_MODE.map((c) => c.replace('> qemu.log', '>/dev/null </dev/null'));
  return [`iptables-restore <<'END'\n${s.rules}END`];
}

function setupOf(s: Scenario): Record<Machine, string[]> {
  const t = s.topology;
  const up = (
    dev: string,
    mac: string,
    addrs: readonly Ipv4Addr[],
    plen: number,
    mtu = 1500,
  ): string[] => [
    `ip link set ${dev} address ${mac} mtu ${mtu}`,
    `ip link set ${dev} up`,
    ...addrs.map((a) => `ip addr add ${formatIpv4(a)}/${plen} dev ${dev}`),
  ];
  const via = (a: Ipv4Addr | undefined): string =>
    `ip route add default via ${formatIpv4(a ?? t.gateway)}`;
  const isUserMode = s.rules === undefined;
  return {
    inside: [...up('eth0', '02:00:00:00:01:02', t.hosts, t.insidePlen), via(t.gateway), SILENT],
    nat: [
      ...Object.entries({ 'net.ipv4.ip_forward': 1, ...s.sysctl }).map(
        ([k, v]) => `sysctl -qw ${k}=${v}`,
      ),
      ...up('lan', '02:00:00:00:01:01', isUserMode ? [] : [t.gateway], t.insidePlen),
      ...up('wan', '02:00:00:00:02:01', t.outer, t.outerPlen, t.wanMtu),
      via(t.servers[0]),
    ],
    outside: [...up('eth0', '02:00:00:00:02:02', t.servers, t.outerPlen, t.wanMtu), SILENT],
  };
}
