import type { Dice } from './dice.ts';
import { type Place, port } from './matches.ts';
import type { World } from './world.ts';

const hasPorts = (protocol: string): boolean => ['tcp', 'udp', 'sctp'].includes(protocol);

function reject(dice: Dice, { dialect }: World, protocol: string): string {
  if (protocol === 'tcp' && dice.chance(0.5)) return '-j REJECT --reject-with tcp-reset';
  return dice.chance(0.3) ? '-j REJECT' : `-j REJECT --reject-with ${dice.pick(dialect.rejects)}`;
}

const MARKS = [
  '--set-xmark 0x1/0xffffffff',
  '--set-mark 0x2',
  '--or-mark 0x10',
  '--and-mark 0x1',
  '--xor-mark 0x3',
  '--set-xmark 0x20/0xf0',
];
const CONNMARKS = [
  '--set-mark 0x1',
  '--set-xmark 0x2/0x3',
  '--save-mark',
  '--restore-mark',
  '--save-mark --nfmask 0x3 --ctmask 0x1',
  '--restore-mark --mask 0xff',
];

/** Targets that change a packet or note something, and let it go on. */
function mangling(dice: Dice, place: Place, protocol: string, world: World): string {
  const { table, hook } = place;
  const { dialect } = world;
  const choices = [
    `-j MARK ${dice.pick(MARKS)}`,
    '-j LOG --log-prefix "x "',
    `-j CONNMARK ${dice.pick(CONNMARKS)}`,
    '-j NFLOG --nflog-group 3',
    '',
  ];
  if (table === 'mangle') {
    choices.push(
      dice.pick(dialect.hops),
      `-j TOS ${dice.pick(['--set-tos 0x10', '--set-tos 0x04/0x0f', '--and-tos 0xf0', '--or-tos 0x03', '--xor-tos 0x11'])}`,
      `-j DSCP ${dice.pick(['--set-dscp 0x2e', '--set-dscp-class af21', '--set-dscp 0'])}`,
      `-j TEE --gateway ${dice.pick(world.hosts.filter((h) => h.near)).addr}`,
    );
    if (['FORWARD', 'OUTPUT', 'POSTROUTING'].includes(hook) && !place.user)
      choices.push(`-j CLASSIFY --set-class 1:${dice.int(1, 5)}`);
    if (protocol === 'tcp') {
      choices.push(
        ...dialect.tcpTargets,
        `-j TCPOPTSTRIP --strip-options ${dice.pick(['timestamp', 'mss,wscale', '2,3,4,8'])}`,
      );
    }
    if (['tcp', 'udp', dialect.icmp.protocol].includes(protocol) && dice.chance(0.1))
      choices.push('-j CHECKSUM --checksum-fill');
  }
  if (table === 'raw')
    choices.push(
      '-j CT --notrack',
      '-j NOTRACK',
      `-j CT --zone ${dice.int(1, 2)}`,
      '-j CT --zone-orig 3',
    );
  return dice.pick(choices);
}

/** A packet at PREROUTING has no route to clamp to; in a user chain the kernel takes such a rule, and falls over it. */
function tcpmss(dice: Dice, { hook, user }: Place): string {
  const what = dice.pick(['--clamp-mss-to-pmtu', '--set-mss 600', '--set-mss 1400']);
  const falls = user && hook === 'PREROUTING' && what.startsWith('--clamp');
  return `-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS ${falls ? '--set-mss 600' : what}`;
}

function natAddress(dice: Dice, world: World, own: boolean): string {
  const one = dice.pick(own || dice.chance(0.3) ? world.own : world.hosts).addr;
  return dice.chance(0.2) ? world.dialect.range(dice, one) : one;
}

const natPorts = (dice: Dice): string =>
  dice.chance(0.4)
    ? `${dice.pick([600, 5000, 40_000])}-${dice.pick([40_001, 40_002, 50_000])}`
    : `${port(dice)}`;

function translation(dice: Dice, { hook }: Place, protocol: string, world: World): string {
  const { dialect } = world;
  const to = (own: boolean): string => {
    const addresses = natAddress(dice, world, own);
    return withPorts ? dialect.withPorts(addresses, natPorts(dice)) : addresses;
  };
  const withPorts = hasPorts(protocol) && dice.chance(0.5);
  const suffix = dice.chance(0.1) ? ' --persistent' : '';
  if (dice.chance(0.08)) return `-j NETMAP --to ${dice.pick(dialect.netmaps)}`;
  if (hook === 'POSTROUTING' || hook === 'INPUT') {
    if (hook === 'POSTROUTING' && dice.chance(0.5))
      return `-j MASQUERADE${withPorts ? ` --to-ports ${natPorts(dice)}` : ''}`;
    return `-j SNAT --to-source ${to(true)}${suffix}`;
  }
  if (dice.chance(0.25)) return `-j REDIRECT${withPorts ? ` --to-ports ${natPorts(dice)}` : ''}`;
  return `-j DNAT --to-destination ${to(false)}${suffix}`;
}

/** The target of a rule: matches that it needs beside it, and itself. */
export function target(
  dice: Dice,
  world: World,
  place: Place,
  protocol: string,
  userChains: readonly string[],
): string {
  const { table, user } = place;
  if (userChains.length > 0 && dice.chance(0.2))
    return `${dice.chance(0.75) ? '-j' : '-g'} ${dice.pick(userChains)}`;
  if (user && dice.chance(0.2)) return '-j RETURN';
  if (table === 'nat' && dice.chance(0.75)) return translation(dice, place, protocol, world);
  if (table === 'mangle' && protocol === 'all' && dice.chance(0.1)) return tcpmss(dice, place);
  if (dice.chance(table === 'filter' ? 0.25 : 0.8)) return mangling(dice, place, protocol, world);
  if (table === 'nat') return dice.pick(['-j ACCEPT', '-j RETURN']);
  return dice.weighted<() => string>([
    [5, () => '-j ACCEPT'],
    [3, () => '-j DROP'],
    [table === 'filter' ? 3 : 0, () => reject(dice, world, protocol)],
    [1, () => '-j RETURN'],
  ])();
}
