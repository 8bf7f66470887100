import { CONE_TIMEOUT, coneRules, coneSets } from './cone.ts';

/** The kinds of NAT, by the names that RFC 3489 gave them and everybody still uses, and two that homes and providers have. */
export const NAT_KINDS = [
  'full-cone',
  'address-restricted',
  'port-restricted',
  'symmetric',
  'home-router',
  'carrier-grade',
] as const;

export type NatKind = (typeof NAT_KINDS)[number];

/** A machine that translates between two of its interfaces. */
export interface NatPlan {
  readonly kind: NatKind;
  /** The interface of those whose addresses are translated. */
  readonly inside: string;
  /** The interface whose address they get. */
  readonly outside: string;
  /** The address of `outside`, for rules that need it: hairpinning. */
  readonly outsideAddress?: string;
  /** The addresses inside that cones let in, and that are reached by hairpinning. */
  readonly hosts: readonly string[];
  /** Whether those inside reach each other by the outer address. RFC 4787 section 6 */
  readonly hairpin: boolean;
}

/** What makes a machine such a NAT: texts that its programs read, and that people can. */
export interface NatRules {
  /** For `ipset restore`; empty where the rules need no sets. */
  readonly sets: string;
  /** For `iptables-restore`. */
  readonly rules: string;
}

/** A plan that cannot be: what is wrong with it, and how to mend it. */
export interface NatPlanMistake {
  readonly what: string;
  readonly mend: string;
}

/** Kinds whose inside is reached from outside, or from inside by the outer address, by rules that name each host. */
function needsHosts({ kind, hairpin }: NatPlan): boolean {
  return hairpin || kind === 'full-cone' || kind === 'address-restricted';
}

/** Tells what a plan lacks. @returns undefined if rules can be made of it */
export function natPlanMistake(plan: NatPlan): NatPlanMistake | undefined {
  if (plan.inside === plan.outside)
    return { what: `${plan.inside} is inside and outside`, mend: 'name two interfaces' };
  if (plan.hairpin && plan.kind === 'symmetric')
    return {
      what: 'a symmetric NAT draws its ports at random: no rule can know where to turn a packet back to',
      mend: 'take hairpin out, or take another kind',
    };
  if (plan.hairpin && plan.outsideAddress === undefined)
    return {
      what: `hairpinning needs the address of ${plan.outside}`,
      mend: `give ${plan.outside} an address of its own`,
    };
  if (needsHosts(plan) && plan.hosts.length === 0)
    return {
      what: `nobody is inside for whom ${plan.hairpin ? 'hairpinning' : `a NAT of kind ${plan.kind}`} needs rules`,
      mend: 'add hosts: [10.0.0.2]',
    };
  return undefined;
}

const table = (name: string, chains: readonly string[], rules: readonly string[]): string =>
  [`*${name}`, ...chains.map((c) => `:${c}`), ...rules, 'COMMIT', ''].join('\n');

const ACCEPTING = ['PREROUTING ACCEPT', 'INPUT ACCEPT', 'OUTPUT ACCEPT', 'POSTROUTING ACCEPT'];

/** Makes a plan's sets and rules. See {@link natPlanMistake} for what a plan must have. */
export function natRules(plan: NatPlan): NatRules {
  const nat = table('nat', ACCEPTING, [...coneRules(plan), ...translation(plan)]);
  return { sets: coneSets(plan), rules: nat + filter(plan) };
}

/** How those inside get the outer address. */
function translation({ kind, outside }: NatPlan): string[] {
  const out = `-A POSTROUTING -o ${outside}`;
  if (kind === 'symmetric') return [`${out} -j MASQUERADE --random-fully`];
  if (kind !== 'carrier-grade') return [`${out} -j MASQUERADE`];
  // subscribers have shared addresses (RFC 6598), and no port below 1024 is for them
  return [
    ...['tcp', 'udp'].map(
      (p) => `${out} -s 100.64.0.0/10 -p ${p} -j MASQUERADE --to-ports 1024-65535`,
    ),
    `${out} -s 100.64.0.0/10 -j MASQUERADE`,
  ];
}

/** What may pass: everything, but for those who sell and those who buy access. */
function filter({ kind, inside, outside }: NatPlan): string {
  if (kind === 'home-router')
    return table(
      'filter',
      ['INPUT ACCEPT', 'FORWARD DROP', 'OUTPUT ACCEPT'],
      [
        `-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
        `-A INPUT -i ${outside} -p icmp -j ACCEPT`,
        `-A INPUT -i ${outside} -j DROP`,
        `-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
        `-A FORWARD -m conntrack --ctstate INVALID -j DROP`,
        `-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT`,
        `-A FORWARD -i ${inside} -o ${outside} -j ACCEPT`,
      ],
    );
  if (kind === 'carrier-grade')
    return table(
      'filter',
      ['INPUT ACCEPT', 'FORWARD ACCEPT', 'OUTPUT ACCEPT'],
      [
        // no subscriber takes all ports: RFC 6888 REQ-4
        ...['tcp', 'udp'].map(
          (p) =>
            `-A FORWARD -i ${inside} -o ${outside} -p ${p} -m conntrack --ctstate NEW -m connlimit --connlimit-above ${SUBSCRIBER_CONNECTIONS} --connlimit-mask 32 --connlimit-saddr -j REJECT --reject-with icmp-admin-prohibited`,
        ),
        `-A FORWARD -o ${outside} ! -s 100.64.0.0/10 -i ${inside} -j DROP`,
      ],
    );
  return '';
}

/** Connections that one subscriber may have at a time. */
const SUBSCRIBER_CONNECTIONS = 2000;

/** The files that a machine reads its preset from, and the commands that do. */
export function natFiles(plan: NatPlan): {
  readonly files: readonly (readonly [path: string, content: string])[];
  readonly commands: readonly string[];
} {
  const { sets, rules } = natRules(plan);
  const rulesFile = ['/etc/iptables/rules.v4', rules] as const;
  const restore = `iptables-restore ${rulesFile[0]}`;
  if (sets === '') return { files: [rulesFile], commands: [restore] };
  const setsFile = ['/etc/iptables/ipsets', sets] as const;
  return {
    files: [setsFile, rulesFile],
    commands: [`ipset restore -file ${setsFile[0]}`, restore],
  };
}

export { CONE_TIMEOUT };
