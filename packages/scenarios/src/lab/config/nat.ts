import { formatIpv4 } from '@labwire/core/addr';
import { type NatPlan, natFiles, natPlanMistake } from '../../nat-presets/index.ts';
import type { LabError } from '../document/index.ts';
import type { MachineConfig } from './config.ts';
import type { RawConfig, RawNat } from './raw-config.ts';
import { problem, type YamlSource } from './yaml-source.ts';

type Interface = MachineConfig['interfaces'][number];

/** Gives the machines that say `nat` the files, the setting and the commands that make them one. @throws LabError */
export function withNat(
  machines: readonly MachineConfig[],
  raw: RawConfig,
  source: YamlSource,
): MachineConfig[] {
  return machines.map((machine) => {
    const nat = raw.machines?.[machine.name]?.nat;
    if (nat === undefined) return machine;
    return furnished(machine, planOf(nat, machine, machines, source), source);
  });
}

function mistake(source: YamlSource, machine: MachineConfig, what: string, mend: string): LabError {
  return problem(source, ['machines', machine.name, 'nat'], what, mend);
}

function furnished(machine: MachineConfig, plan: NatPlan, source: YamlSource): MachineConfig {
  const { files, commands } = natFiles(plan);
  const taken = files.find(([path]) => machine.files.some(([own]) => own === path));
  if (taken !== undefined)
    throw mistake(source, machine, `"nat" writes ${taken[0]}, too`, 'take nat or the file out');
  return {
    ...machine,
    files: [...files, ...machine.files],
    sysctl: [['net.ipv4.ip_forward', '1'], ...machine.sysctl],
    run: [...commands, ...machine.run],
  };
}

function planOf(
  nat: RawNat,
  machine: MachineConfig,
  machines: readonly MachineConfig[],
  source: YamlSource,
): NatPlan {
  const outside = outsideOf(nat, machine, source);
  const inside = insideOf(nat, machine, outside, source);
  const outsideAddress = addressesOf(outside)[0];
  const hosts = nat.hosts?.map(formatIpv4) ?? neighbours(inside, machine, machines);
  const plan: NatPlan = {
    kind: nat.kind,
    inside: inside.name,
    outside: outside.name,
    ...(outsideAddress === undefined ? {} : { outsideAddress }),
    hosts,
    hairpin: nat.hairpin ?? false,
  };
  const wrong = natPlanMistake(plan);
  if (wrong !== undefined) throw mistake(source, machine, wrong.what, wrong.mend);
  return plan;
}

function named(name: string, machine: MachineConfig, source: YamlSource): Interface {
  const found = machine.interfaces.find((i) => i.name === name);
  if (found !== undefined) return found;
  const known = machine.interfaces.map((i) => i.name).join(', ');
  throw mistake(source, machine, `no interface ${name}`, `write one of ${known}`);
}

/** The interface that is named, or the only one with a way to the rest of the world. */
function outsideOf(nat: RawNat, machine: MachineConfig, source: YamlSource): Interface {
  if (nat.outside !== undefined) return named(nat.outside, machine, source);
  const ways = machine.interfaces.filter((i) => i.gateway !== undefined || i.dhcp === true);
  const [way] = ways;
  if (way !== undefined && ways.length === 1) return way;
  const example = machine.interfaces.at(-1)?.name ?? 'eth1';
  throw mistake(
    source,
    machine,
    'it does not show which interface is outside: not one alone has a gateway',
    `write { kind: ${nat.kind}, outside: ${example} }`,
  );
}

function insideOf(
  nat: RawNat,
  machine: MachineConfig,
  outside: Interface,
  source: YamlSource,
): Interface {
  if (nat.inside !== undefined) return named(nat.inside, machine, source);
  const others = machine.interfaces.filter((i) => i !== outside);
  const [other] = others;
  if (other !== undefined && others.length === 1) return other;
  const what = `it does not show which interface is inside: ${outside.name} is outside, and there is not one other`;
  throw mistake(source, machine, what, `write inside: ${other?.name ?? 'eth0'}`);
}

function addressesOf(i: Interface): string[] {
  return (i.addresses ?? []).flatMap(({ addr }) =>
    typeof addr === 'number' ? [formatIpv4(addr)] : [],
  );
}

/** The addresses of the others on the inside's link. */
function neighbours(
  inside: Interface,
  machine: MachineConfig,
  machines: readonly MachineConfig[],
): string[] {
  return machines
    .filter((m) => m !== machine)
    .flatMap((m) => m.interfaces.filter((i) => i.link === inside.link).flatMap(addressesOf));
}
