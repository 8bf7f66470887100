import type { NatPlan } from './preset.ts';

/**
 * Cones: NATs that let others in than those who were asked. Linux has none, since its filtering goes by address and port; but a rule
 * can note down in a set which ports a host sends from, and to whom, and another one can lead back to the host what comes to them.
 */

/** Seconds that a port stays open after a host's last new flow: the five minutes of RFC 4787 REQ-5c. */
export const CONE_TIMEOUT = 300;

/** Whom a host sends to, with its port: `peers-HOST`. */
const peers = (host: string): string => `peers-${host}`;
/** Which ports a host sends from: `ports-HOST`. */
const ports = (host: string): string => `ports-${host}`;

const opensPorts = ({ kind, hairpin }: NatPlan): boolean => kind === 'full-cone' || hairpin;
const opensPeers = ({ kind }: NatPlan): boolean => kind === 'address-restricted';

/** The sets that the rules use. */
export function coneSets(plan: NatPlan): string {
  const lines = plan.hosts.flatMap((host) => [
    ...(opensPorts(plan)
      ? [`create ${ports(host)} bitmap:port range 0-65535 timeout ${CONE_TIMEOUT}`]
      : []),
    ...(opensPeers(plan) ? [`create ${peers(host)} hash:ip,port timeout ${CONE_TIMEOUT}`] : []),
  ]);
  return lines.map((l) => `${l}\n`).join('');
}

/** The rules that note ports down and lead back to them. */
export function coneRules(plan: NatPlan): string[] {
  return [...plan.hosts.flatMap((host) => inbound(plan, host)), ...outbound(plan)];
}

function inbound(plan: NatPlan, host: string): string[] {
  const { kind, inside, outside, outsideAddress, hairpin } = plan;
  const lead = (from: string, set: string, flags: string) =>
    `-A PREROUTING ${from} -m set --match-set ${set} ${flags} -j DNAT --to-destination ${host}`;
  return [
    ...(kind === 'full-cone' ? [lead(`-i ${outside}`, ports(host), 'dst')] : []),
    ...(kind === 'address-restricted' ? [lead(`-i ${outside}`, peers(host), 'src,dst')] : []),
    ...(hairpin ? [lead(`-d ${outsideAddress}/32 -i ${inside}`, ports(host), 'dst')] : []),
  ];
}

function outbound(plan: NatPlan): string[] {
  const { inside, outside, outsideAddress, hosts, hairpin } = plan;
  const note = (host: string, set: string, flags: string) =>
    `-A POSTROUTING -s ${host}/32 -o ${outside} -j SET --add-set ${set} ${flags} --exist`;
  return [
    ...hosts.flatMap((host) => [
      ...(opensPorts(plan) ? [note(host, ports(host), 'src')] : []),
      ...(opensPeers(plan) ? [note(host, peers(host), 'dst,src')] : []),
    ]),
    // what turns back has the outer address, too: RFC 4787 REQ-9a
    ...(hairpin
      ? [
          `-A POSTROUTING -o ${inside} -m conntrack --ctstate DNAT --ctorigdst ${outsideAddress} -j SNAT --to-source ${outsideAddress}`,
        ]
      : []),
  ];
}
