/** What coturn's natdiscovery says of a NAT, as words of RFC 4787. */
import type { Netns } from '@labwire/devices/netns';
import type { ConformanceHost } from '../host.ts';

/** RFC 4787 sections 4.1 and 5. */
export type Behaviour =
  | 'endpoint-independent'
  | 'address-dependent'
  | 'address-and-port-dependent'
  | 'no-answer';

/** Starts a STUN server with RFC 5780 on two addresses. */
export async function startServer(
  host: ConformanceHost,
  netns: Netns,
  addrs: readonly string[],
): Promise<void> {
  const at = addrs.map((addr) => `-L ${addr}`).join(' ');
  const { code, err } = await host.run(
    netns,
    `turnserver --stun-only -n -o --log-file /dev/null ${at}`.split(' '),
  );
  if (code !== 0) throw new Error(`turnserver exits with ${code}: ${err}`);
}

/** Asks a server about the NAT on the way to it. */
export class Discovery {
  readonly #host: ConformanceHost;
  readonly #client: Netns;
  readonly #server: string;

  constructor(host: ConformanceHost, client: Netns, server: string) {
    this.#host = host;
    this.#client = client;
    this.#server = server;
  }

  async #ask(option: string): Promise<string> {
    return (await this.#host.run(this.#client, ['turnutils_natdiscovery', option, this.#server]))
      .out;
  }

  mapping(): Promise<Behaviour> {
    return this.#behaviour('-m', 'Mapping');
  }

  filtering(): Promise<Behaviour> {
    return this.#behaviour('-f', 'Filtering');
  }

  async #behaviour(option: string, what: string): Promise<Behaviour> {
    const said = new RegExp(`NAT with (.*) (Independent|Dependent) ${what}!`).exec(
      await this.#ask(option),
    );
    if (said === null) return 'no-answer';
    const words = `${said[1]} ${said[2]}`.toLowerCase().replaceAll(' ', '-');
    return words as Behaviour;
  }

  async hairpin(): Promise<boolean> {
    return /successful hairpinning|RFC 5780 response 2/.test(await this.#ask('-H'));
  }
}
