import type { SubjectName } from '@labwire/scenarios/properties';
import type { Mutation } from './mutation.ts';
import { USER_MODE } from './user-mode.ts';

const NAT = 'packages/devices/src/nat/nat.ts';
const MANGLE = 'packages/devices/src/nat/mangle.ts';
const UNIQUE = 'packages/devices/src/nat/unique-tuple.ts';
const CONNTRACK = 'packages/devices/src/conntrack/conntrack.ts';
const CONF = 'packages/devices/src/conntrack/conf.ts';
const DATAGRAMS = 'packages/devices/src/conntrack/proto-others.ts';
const TCP = 'packages/devices/src/conntrack/proto-tcp.ts';
const FORWARD = 'packages/devices/src/ipv4/forward.ts';
const OUTPUT = 'packages/devices/src/ipv4/output.ts';

/** Who translates sources, whose mappings end, and who has an outside. */
const SOURCE: readonly SubjectName[] = ['masquerade', 'snat'];
const MAPPED: readonly SubjectName[] = ['masquerade', 'snat', 'redirect'];
const OUTER: readonly SubjectName[] = ['masquerade', 'snat', 'dnat'];

const PORTS: readonly Mutation[] = [
  {
    name: 'ports are never kept',
    file: NAT,
    find: 'random: t.random || t.randomFully,',
    replace: 'random: true,',
    flips: [
      [['RFC 4787 REQ-1', 'RFC 4787 REQ-3', 'RFC 4787 REQ-4'], SOURCE],
      [['RFC 5382 REQ-1', 'RFC 5382 REQ-7', 'RFC 5508 REQ-1a', 'RFC 7857 §5'], SOURCE],
    ],
  },
  {
    name: 'ports from 512 to 1023 become any',
    file: UNIQUE,
    find: '{ min: 600, size: 424 }',
    replace: '{ min: 1024, size: 64_512 }',
    flips: [[['RFC 4787 REQ-3a'], SOURCE]],
  },
  {
    name: 'ports below 512 become any',
    file: UNIQUE,
    find: '{ min: 1, size: 511 }',
    replace: '{ min: 1024, size: 64_512 }',
    flips: [[['RFC 4787 REQ-3a'], SOURCE]],
  },
  {
    name: 'ports from 1024 on become privileged ones',
    file: UNIQUE,
    find: '{ min: 1024, size: 64_512 }',
    replace: '{ min: 600, size: 424 }',
    flips: [
      [['RFC 4787 REQ-3a', 'RFC 4787 REQ-4'], SOURCE],
      [['RFC 4787 REQ-1', 'RFC 4787 REQ-11', 'RFC 5382 REQ-1', 'RFC 7857 §5'], MAPPED],
    ],
  },
  {
    name: 'a source’s mapping is not used again',
    file: UNIQUE,
    find: 'if (known !== undefined && !this.#isUsed(known, ct)) return known;',
    replace: 'if (known !== undefined && this.#isUsed(known, ct)) return known;',
    flips: [[['RFC 4787 REQ-1', 'RFC 5382 REQ-1', 'RFC 5508 REQ-1a', 'RFC 7857 §5'], SOURCE]],
  },
  {
    name: 'a port is kept though another host has it',
    file: UNIQUE,
    find: 'if (ports === undefined) return !this.#isUsed(t, ct);',
    replace: 'if (ports === undefined) return true;',
    flips: [[['RFC 7857 §3', 'RFC 7857 §9'], SOURCE]],
  },
  {
    name: 'ports are tried in their order',
    file: UNIQUE,
    find: "return range.random || manip === 'src' ? this.#random().below(0x1_0000) : 0;",
    replace: 'return 0;',
    flips: [[['RFC 7857 §10'], SOURCE]],
  },
  {
    name: '--persistent does nothing',
    file: UNIQUE,
    find: 'hashedAddr(orig, min, max, range.persistent, ct.zone, manip)',
    replace: 'hashedAddr(orig, min, max, false, ct.zone, manip)',
    flips: [[['RFC 4787 REQ-2', 'RFC 7857 §4'], ['snat']]],
  },
  {
    name: 'a pool’s addresses begin behind it',
    file: UNIQUE,
    find: 'out.push((from + reciprocalScale(j, dist)) | 0);',
    replace: 'out.push((from + dist + reciprocalScale(j, dist)) | 0);',
    flips: [[['RFC 4787 REQ-2', 'RFC 7857 §4'], ['snat']]],
  },
  {
    name: 'MASQUERADE takes an address that the device has not',
    file: NAT,
    find: 'const a = addr as Ipv4Addr | Ipv6Addr;',
    replace: 'const a = ((addr as number) + 8) as Ipv4Addr;',
    flips: [[['RFC 4787 REQ-9a'], ['dnat']]],
  },
  {
    name: 'a rule’s target is for the first connection only',
    file: NAT,
    find: 'const chosen = this.#chooser.choose(current, range, ct, manip);',
    replace:
      'const chosen = this.#tracking.table.count > 0 ? current : this.#chooser.choose(current, range, ct, manip);',
    flips: [[['RFC 4787 REQ-8', 'RFC 5382 REQ-3', 'RFC 7857 §6'], ['dnat']]],
  },
  {
    name: 'a connection has one end translated, never both',
    file: NAT,
    find: 'if (!isIpv6 && ct.orig.src === 0) return NF_ACCEPT;',
    replace: 'if ((ct.status & IPS_DST_NAT) !== 0) return NF_ACCEPT;',
    flips: [[['RFC 4787 REQ-9', 'RFC 5382 REQ-8', 'RFC 5508 REQ-7', 'RFC 7857 §13'], ['dnat']]],
  },
  {
    name: 'the sender is told that there is no port to spare',
    file: NAT,
    find: 'if ((ct.status & done) === 0) this.setupNull(ct, manip);',
    replace:
      "if ((ct.status & done) === 0) this.setupNull(ct, manip);\nif (manip === 'src' && this.#tracking.clashOf(ct) !== null) this.#netns.ipv4.icmp.send(skb, 3, 13, 0);",
    flips: [[['RFC 5508 REQ-8'], SOURCE]],
  },
  {
    name: 'payloads are written to',
    file: MANGLE,
    find: "if (typeof target.src === 'number') mangle4(skb, nh, target, manip);",
    replace:
      "if (typeof target.src === 'number') { mangle4(skb, nh, target, manip); skb.buf[skb.tail - 1] = 0x58; }",
    flips: [
      [
        ['RFC 4787 REQ-10', 'RFC 5382 REQ-6'],
        ['masquerade', 'snat', 'dnat', 'redirect'],
      ],
    ],
  },
  {
    name: 'what is translated gets another identification',
    file: MANGLE,
    find: "if (typeof target.src === 'number') mangle4(skb, nh, target, manip);",
    replace:
      "if (typeof target.src === 'number') { mangle4(skb, nh, target, manip); put16(skb.buf, nh + 4, 1); }",
    flips: [[['RFC 7857 §11'], SOURCE]],
  },
];

const TIMES: readonly Mutation[] = [
  {
    name: 'a stream of datagrams lives no longer than one',
    file: DATAGRAMS,
    find: 'return conf.udp_timeout_stream;',
    replace: 'return conf.udp_timeout;',
    flips: [[['RFC 4787 REQ-5'], MAPPED]],
  },
  {
    name: 'sysctls of connection tracking do nothing',
    file: 'packages/devices/src/conntrack/sysctls.ts',
    find: 'conf(netns)[name] = v;',
    replace: 'void v;',
    flips: [[['RFC 4787 REQ-5b'], MAPPED]],
  },
  {
    name: 'UDP’s mappings live for ten minutes',
    file: CONF,
    find: 'udp_timeout: 30,',
    replace: 'udp_timeout: 600,',
    flips: [[['RFC 4787 REQ-5', 'RFC 4787 REQ-5c', 'RFC 5508 REQ-6', 'RFC 7857 §8'], MAPPED]],
  },
  {
    name: 'UDP’s mappings live for ten seconds',
    file: CONF,
    find: 'udp_timeout: 30,',
    replace: 'udp_timeout: 10,',
    flips: [[['RFC 4787 REQ-5', 'RFC 4787 REQ-5c', 'RFC 4787 REQ-6'], MAPPED]],
  },
  {
    name: 'nothing but its first packet gives a mapping time',
    file: CONNTRACK,
    find: "    this.refresh(ct, seconds);\n    return 'accept';",
    replace:
      "    if ((ct.status & IPS_CONFIRMED) === 0) this.refresh(ct, seconds);\n    return 'accept';",
    flips: [[['RFC 4787 REQ-5', 'RFC 4787 REQ-6'], MAPPED]],
  },
  {
    name: 'what comes from outside gives a mapping no time',
    file: CONNTRACK,
    find: "    this.refresh(ct, seconds);\n    return 'accept';",
    replace: "    if (ctDir(skb.ctinfo) === 0) this.refresh(ct, seconds);\n    return 'accept';",
    flips: [[['RFC 7857 §7'], MAPPED]],
  },
  {
    name: 'errors give a mapping time',
    file: CONNTRACK,
    find: '    skb.ctinfo = IP_CT_RELATED + (h.dir === 1 ? IP_CT_IS_REPLY : 0);\n    return',
    replace:
      '    skb.ctinfo = IP_CT_RELATED + (h.dir === 1 ? IP_CT_IS_REPLY : 0);\n    this.refresh(h.ct, 30);\n    return',
    flips: [[['RFC 5508 REQ-6', 'RFC 7857 §8'], MAPPED]],
  },
  {
    name: 'an idle connection lives for two hours less four minutes',
    file: CONF,
    find: 'tcp_timeout_established: 432_000,',
    replace: 'tcp_timeout_established: 6960,',
    flips: [[['RFC 5382 REQ-5'], MAPPED]],
  },
  {
    name: 'a connection half open lives for five minutes',
    file: CONF,
    find: 'tcp_timeout_syn_sent: 120,',
    replace: 'tcp_timeout_syn_sent: 300,',
    flips: [[['RFC 5382 REQ-5t'], MAPPED]],
  },
  {
    name: 'a connection half open lives for a minute',
    file: CONF,
    find: 'tcp_timeout_syn_sent: 120,',
    replace: 'tcp_timeout_syn_sent: 60,',
    flips: [[['RFC 5382 REQ-5t'], MAPPED]],
  },
  {
    name: 'a FIN all but ends a connection',
    file: CONF,
    find: 'tcp_timeout_fin_wait: 120,',
    replace: 'tcp_timeout_fin_wait: 5,',
    flips: [[['RFC 7857 §2', 'RFC 7857 §2.1'], MAPPED]],
  },
  {
    name: 'a connection half closed lives for five minutes',
    file: CONF,
    find: 'tcp_timeout_fin_wait: 120,',
    replace: 'tcp_timeout_fin_wait: 300,',
    flips: [[['RFC 7857 §2.1'], MAPPED]],
  },
  {
    name: 'a connection that was reset lives for five minutes',
    file: CONF,
    find: 'tcp_timeout_close: 10,',
    replace: 'tcp_timeout_close: 300,',
    flips: [
      [['RFC 7857 §2.2'], SOURCE],
      [['RFC 7857 §8 RST'], MAPPED],
    ],
  },
  {
    name: 'a reset ends a connection at once',
    file: CONF,
    find: 'tcp_timeout_close: 10,',
    replace: 'tcp_timeout_close: 1,',
    flips: [[['RFC 7857 §2.2'], SOURCE]],
  },
  {
    name: 'a query’s mapping lives for a minute and a half',
    file: CONF,
    find: 'icmp_timeout: 30,',
    replace: 'icmp_timeout: 90,',
    flips: [[['RFC 5508 REQ-2'], SOURCE]],
  },
  {
    name: 'a query’s mapping lives for ten seconds',
    file: CONF,
    find: 'icmp_timeout: 30,',
    replace: 'icmp_timeout: 10,',
    flips: [[['RFC 5508 REQ-2'], SOURCE]],
  },
];

const TRACKING: readonly Mutation[] = [
  {
    name: 'SYNs must not cross',
    file: TCP,
    find: "'-2-----s-2', // SYN",
    replace: "'----------', // SYN",
    flips: [[['RFC 5382 REQ-2'], OUTER]],
  },
  {
    name: 'what begins a connection counts as established',
    file: CONNTRACK,
    find: '    skb.ct = ct;\n    skb.ctinfo = (ct.status & IPS_EXPECTED) !== 0 ? IP_CT_RELATED : IP_CT_NEW;',
    replace: '    skb.ct = ct;\n    skb.ctinfo = IP_CT_ESTABLISHED;',
    flips: [[['RFC 5382 REQ-4'], OUTER]],
  },
  {
    name: 'echo requests begin nothing',
    file: DATAGRAMS,
    find: 'const ICMP_QUERIES: readonly number[] = [8, 13, 15, 17];',
    replace: 'const ICMP_QUERIES: readonly number[] = [13, 15, 17];',
    flips: [[['RFC 5508 REQ-1', 'RFC 5508 REQ-11'], SOURCE]],
  },
];

const ERRORS: readonly Mutation[] = [
  {
    name: 'errors end the mapping that they are about',
    file: CONNTRACK,
    find: '    skb.ctinfo = IP_CT_RELATED + (h.dir === 1 ? IP_CT_IS_REPLY : 0);\n    return',
    replace:
      '    skb.ctinfo = IP_CT_RELATED + (h.dir === 1 ? IP_CT_IS_REPLY : 0);\n    h.ct.expires = 0;\n    return',
    flips: [[['RFC 4787 REQ-12', 'RFC 5382 REQ-10'], MAPPED]],
  },
  {
    name: 'errors belong to no connection',
    file: CONNTRACK,
    find: 'if (!sameAddr(receiver, to)) return this.#invalid(skb);',
    replace: 'if (receiver !== undefined || to !== undefined) return this.#invalid(skb);',
    flips: [
      [['RFC 4787 REQ-12ab', 'RFC 5382 REQ-9'], SOURCE],
      [['RFC 5508 REQ-3c', 'RFC 5508 REQ-3d', 'RFC 5508 REQ-4', 'RFC 5508 REQ-5'], SOURCE],
    ],
  },
  {
    name: 'errors that quote options are dropped',
    file: NAT,
    find: 'thoff + CHANGED_HLEN <= skb.tail',
    replace: 'thoff === nh + 20',
    flips: [[['RFC 5508 REQ-3c'], SOURCE]],
  },
  {
    name: 'the checksum of ICMP is not looked at',
    file: CONNTRACK,
    find: 'const checks = hook === NF_INET_PRE_ROUTING && this.conf.checksum !== 0;',
    replace: 'const checks = false;',
    flips: [[['RFC 5508 REQ-3a'], OUTER]],
  },
  {
    name: 'the checksum of quoted headers is looked at',
    file: CONNTRACK,
    find: 'if (!inner.read(skb, outer.thoff + 8, isIpv6)) return this.#invalid(skb);',
    replace:
      'if (!inner.read(skb, outer.thoff + 8, isIpv6) || !checksumOk(skb.buf, outer.thoff + 8, 20, 0)) return this.#invalid(skb);',
    flips: [[['RFC 5508 REQ-3b'], OUTER]],
  },
  {
    name: 'errors find connections that are over',
    file: CONNTRACK,
    find: 'const h = this.#live(this.table.findPacket(inner, zone.zone, zone.zoneDirs));',
    replace: 'const h = this.table.findPacket(inner, zone.zone, zone.zoneDirs);',
    flips: [[['RFC 5508 REQ-4'], SOURCE]],
  },
  {
    name: 'an error keeps its own addresses',
    file: NAT,
    find: '    manglePacket(skb, skb.nh, translated, manip);\n    refreshIcmpCheck',
    replace: '    refreshIcmpCheck',
    flips: [[['RFC 5508 REQ-5'], OUTER]],
  },
];

const FORWARDING: readonly Mutation[] = [
  {
    name: 'nobody is told of packets that are too big',
    file: FORWARD,
    find: 'ip.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);',
    replace: '',
    flips: [[['RFC 4787 REQ-13'], OUTER]],
  },
  {
    name: 'nothing is fragmented',
    file: OUTPUT,
    find: 'if (df && !ignored) {',
    replace: 'if (df || !ignored) {',
    flips: [[['RFC 4787 REQ-13a'], OUTER]],
  },
  {
    name: 'nobody is told that time was exceeded',
    file: FORWARD,
    find: 'ip.icmp.send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);',
    replace: '',
    flips: [[['RFC 5508 REQ-10'], OUTER]],
  },
  {
    name: 'FORWARD’s rules are not for ICMP',
    file: FORWARD,
    find: 'if (ip.nf !== null && !ip.nf.run(NF_INET_FORWARD,',
    replace: 'if (get8(buf, nh + 9) !== 1 && ip.nf !== null && !ip.nf.run(NF_INET_FORWARD,',
    flips: [[['RFC 5508 REQ-9'], OUTER]],
  },
];

const ITS_OWN: readonly Mutation[] = [
  {
    name: 'nobody is told that there is no such port',
    file: 'packages/devices/src/ipv4/datagram-inet4.ts',
    find: 'this.#ip.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);',
    replace: 'void skb;',
    flips: [
      [['RFC 4787 REQ-8', 'RFC 7857 §6'], SOURCE],
      [['RFC 4787 REQ-9', 'RFC 4787 REQ-9a', 'RFC 5508 REQ-7', 'RFC 7857 §13'], OUTER],
    ],
  },
  {
    name: 'resets do not tell what they answer',
    file: 'packages/devices/src/tcp/input/reset.ts',
    find: 'else sendBare(layer.mib, flow, TCPHDR_RST | TCPHDR_ACK, 0, seg.end, 0);',
    replace: 'else sendBare(layer.mib, flow, TCPHDR_RST, 0, 0, 0);',
    flips: [
      [['RFC 5382 REQ-3'], [...SOURCE, 'user']],
      [
        ['RFC 5382 REQ-4', 'RFC 5382 REQ-8'],
        [...OUTER, 'user'],
      ],
      [['RFC 7857 §6'], ['user']],
    ],
  },
  {
    name: 'a connection that has been given up is not reset',
    file: 'packages/devices/src/tcp/input/reset.ts',
    find: 'if (seg.has(TCPHDR_ACK)) sendBare(layer.mib, flow, TCPHDR_RST, seg.ack, 0, 0);',
    replace: 'if (seg.has(TCPHDR_ACK)) return;',
    flips: [[['RFC 5382 REQ-10', 'RFC 7857 §2.2'], ['user']]],
  },
];

/** All of them. */
export const MUTATIONS: readonly Mutation[] = [
  ...PORTS,
  ...TIMES,
  ...TRACKING,
  ...ERRORS,
  ...FORWARDING,
  ...ITS_OWN,
  ...USER_MODE,
];
