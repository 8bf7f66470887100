/** log and reject, as the modules of xtables do them. Linux net/netfilter/nft_log.c, nft_reject_inet.c */
import { KernelError } from '@labwire/core/error';
import { logLine } from '../../xt/target/log-line.ts';
import { rejectAction } from '../../xt/target/reject.ts';
import { NF_DROP } from '../../xt/verdict.ts';
import type { NftLog, NftReject } from '../data/index.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { NFT_CONTINUE } from '../verdict.ts';

const AUDIT = 8;

/** `nft_log_eval()` @throws KernelError EOPNOTSUPP */
export function logStep(s: NftLog, env: CompileEnv): Step {
  if (s.level === AUDIT)
    throw new KernelError('EOPNOTSUPP', 'Labwire has no audit log (log level audit)');
  const prefix = s.prefix ?? '';
  const { netns } = env.netfilter;
  if (s.group !== undefined) {
    const group = s.group;
    return (p) => {
      netns.kernel.trace.nflog.emit(p.skb, group, prefix, p.indev, p.outdev);
      return NFT_CONTINUE;
    };
  }
  const detail = {
    tcpSequence: s.flags.includes('tcp sequence'),
    tcpOptions: s.flags.includes('tcp options'),
    ipOptions: s.flags.includes('ip options'),
    uid: s.flags.includes('skuid'),
    macdecode: s.flags.includes('ether'),
  };
  return (p) => {
    const { kernel } = netns;
    if (netns === kernel.initNetns || kernel.nfLogAllNetns !== 0)
      kernel.log(prefix + logLine(p, detail));
    return NFT_CONTINUE;
  };
}

const ICMP: Readonly<Record<number, string>> = {
  0: 'icmp-net-unreachable',
  1: 'icmp-host-unreachable',
  2: 'icmp-proto-unreachable',
  3: 'icmp-port-unreachable',
  9: 'icmp-net-prohibited',
  10: 'icmp-host-prohibited',
  13: 'icmp-admin-prohibited',
};
const ICMPV6: Readonly<Record<number, string>> = {
  0: 'icmp6-no-route',
  1: 'icmp6-adm-prohibited',
  3: 'icmp6-addr-unreachable',
  4: 'icmp6-port-unreachable',
  5: 'icmp6-policy-fail',
  6: 'icmp6-reject-route',
};
/** By code of icmpx: IPv4's and IPv6's. */
const ICMPX: readonly (readonly [string, string])[] = [
  ['icmp-net-unreachable', 'icmp6-no-route'],
  ['icmp-port-unreachable', 'icmp6-port-unreachable'],
  ['icmp-host-unreachable', 'icmp6-addr-unreachable'],
  ['icmp-admin-prohibited', 'icmp6-adm-prohibited'],
];

function names(s: NftReject): readonly [string | undefined, string | undefined] {
  if (s.with === 'tcp reset') return ['tcp-reset', 'tcp-reset'];
  if (s.with === 'icmpx') return ICMPX[s.code] ?? [undefined, undefined];
  return [
    s.with === 'icmp' ? ICMP[s.code] : undefined,
    s.with === 'icmpv6' ? ICMPV6[s.code] : undefined,
  ];
}

/** `nft_reject_inet_eval()` @throws KernelError EOPNOTSUPP for a code that it has no name for */
export function rejectStep(s: NftReject): Step {
  const [v4, v6] = names(s);
  if (v4 === undefined && v6 === undefined)
    throw new KernelError('EOPNOTSUPP', `Labwire does not reject with ${s.with} ${s.code}`);
  const answer4 = v4 === undefined ? undefined : rejectAction({ kind: 'REJECT', with: v4 }, false);
  const answer6 = v6 === undefined ? undefined : rejectAction({ kind: 'REJECT', with: v6 }, true);
  return (p) => {
    const answer = p.isIpv6 ? answer6 : answer4;
    return answer === undefined ? NF_DROP : answer(p);
  };
}
