import type { RawInterface, WorldMachine } from '../../lab/config/index.ts';

/** What tells one machine of the home world from another. */
export interface HomeMachine {
  readonly name: string;
  readonly interfaces: Readonly<Record<string, RawInterface>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly routes?: WorldMachine['routes'];
  readonly services?: WorldMachine['services'];
}

/** Nobody in this world speaks IPv6, so that a frame of it concerns nobody. */
const WITHOUT_IPV6: Readonly<Record<string, string>> = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
};

/** Describes a machine of the home world as a front matter would. */
export function homeMachine(machine: HomeMachine): WorldMachine {
  return {
    name: machine.name,
    hostname: machine.name,
    interfaces: Object.entries(machine.interfaces).map(([name, i]) => ({ ...i, name })),
    sysctl: Object.entries({ ...WITHOUT_IPV6, ...machine.sysctl }),
    files: Object.entries(machine.files ?? {}),
    run: [],
    routes: machine.routes ?? [],
    services: machine.services ?? [],
    key: `machines.${machine.name}`,
    place: () => ({ file: `the home world's ${machine.name}`, line: 1 }),
  };
}
