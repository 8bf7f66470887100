import type { Mutation } from './mutation.ts';

const USER = 'packages/userland/src/qemu/net/user';

/** Breaks of QEMU's user mode, and of the kernel that its sockets are of. */
export const USER_MODE: readonly Mutation[] = [
  {
    name: 'user mode: a socket for each datagram',
    file: `${USER}/udp.ts`,
    find: 'const known = this.#sessions.get(key);',
    replace: 'const known = undefined;',
    flips: [[['RFC 4787 REQ-1', 'RFC 4787 REQ-11'], ['user']]],
  },
  {
    name: 'user mode: hosts with the same port share a socket',
    file: `${USER}/udp.ts`,
    find: "#session(guest: Session['guest']): Session {\n    const key = ",
    replace: "#session(guest: Session['guest']): Session {\n    const key = String(guest.port) || ",
    flips: [[['RFC 4787 REQ-3', 'RFC 7857 §3'], ['user']]],
  },
  {
    name: 'user mode: a socket lives for a minute',
    file: `${USER}/udp.ts`,
    find: 'const EXPIRE: Nanos = 240 * SEC;',
    replace: 'const EXPIRE: Nanos = 60 * SEC;',
    flips: [[['RFC 4787 REQ-5', 'RFC 4787 REQ-5b', 'RFC 4787 REQ-5c', 'RFC 4787 REQ-6'], ['user']]],
  },
  {
    name: 'user mode: a socket lives for ten minutes',
    file: `${USER}/udp.ts`,
    find: 'const EXPIRE: Nanos = 240 * SEC;',
    replace: 'const EXPIRE: Nanos = 600 * SEC;',
    flips: [[['RFC 4787 REQ-5b', 'RFC 4787 REQ-5c', 'RFC 5508 REQ-6', 'RFC 7857 §8'], ['user']]],
  },
  {
    name: 'user mode: what comes from outside gives a socket no time',
    file: `${USER}/udp.ts`,
    find: 'if (!session.forward) this.#touch(session, got.from.port);',
    replace: '',
    flips: [[['RFC 7857 §7'], ['user']]],
  },
  {
    name: 'user mode: ARP is answered for everybody',
    file: `${USER}/user-net.ts`,
    find: 'return addr === host || addr === dns || this.#tcp.isForwarded(addr);',
    replace: 'return addr !== 0 || host !== dns;',
    flips: [[['RFC 4787 REQ-7'], ['user']]],
  },
  {
    name: 'user mode: everything comes from the gateway',
    file: `${USER}/udp.ts`,
    find: 'const from = session.seenAs ?? translateIn(this.#link.config, got.from.addr);',
    replace: 'const from = this.#link.config.host;',
    flips: [
      [['RFC 4787 REQ-5', 'RFC 4787 REQ-6', 'RFC 4787 REQ-8', 'RFC 4787 REQ-9'], ['user']],
      [['RFC 4787 REQ-9a', 'RFC 4787 REQ-12'], ['user']],
    ],
  },
  {
    name: 'user mode: what must not be fragmented is refused',
    file: `${USER}/udp.ts`,
    find: 'if (ip.ttl <= 1) {',
    replace: 'if (ip.ttl <= 1 || ip.fragOff === 0x4000) {',
    flips: [[['RFC 4787 REQ-13'], ['user']]],
  },
  {
    name: 'user mode: pieces must come in their order',
    file: `${USER}/fragments.ts`,
    find: '[...pieces].sort((a, b) => a.off - b.off)',
    replace: '[...pieces]',
    flips: [[['RFC 4787 REQ-14'], ['user']]],
  },
  {
    name: 'user mode: the last piece may come first',
    file: `${USER}/fragments.ts`,
    find: 'if (!mayBegin) return undefined;',
    replace: '',
    flips: [[['RFC 4787 REQ-14'], ['user']]],
  },
  {
    name: 'user mode: the host’s kernel chooses other ports',
    file: 'packages/devices/src/ipv4/sysctl/ipv4-conf.ts',
    find: 'ip_local_port_range: [32_768, 60_999],',
    replace: 'ip_local_port_range: [61_000, 65_000],',
    flips: [[['RFC 4787 REQ-3a', 'RFC 4787 REQ-4', 'RFC 5382 REQ-1', 'RFC 7857 §5'], ['user']]],
  },
  {
    name: 'user mode: unreachables alone get in',
    file: `${USER}/udp.ts`,
    find: 'return type === ICMP_DEST_UNREACH || (type === ICMP_TIME_EXCEEDED && code === ICMP_EXC_TTL);',
    replace:
      'return type === ICMP_DEST_UNREACH || (type === ICMP_TIME_EXCEEDED && code > ICMP_EXC_TTL);',
    flips: [
      [['RFC 4787 REQ-12ab', 'RFC 5508 REQ-3b', 'RFC 5508 REQ-3c', 'RFC 5508 REQ-3d'], ['user']],
    ],
  },
  {
    name: 'user mode: a guest’s errors are sent on',
    file: `${USER}/icmp.ts`,
    find: 'const isEcho = skb.tail - icmp >= ICMP_HLEN && skb.buf[icmp] === ICMP_ECHO;',
    replace: 'const isEcho = skb.tail - icmp >= ICMP_HLEN;',
    flips: [[['RFC 5508 REQ-5'], ['user']]],
  },
  {
    name: 'user mode: a guest’s errors come back',
    file: `${USER}/icmp.ts`,
    find: '} else if (isEcho && !config.restricted) this.#ask(skb, at, icmp);',
    replace:
      '} else if (isEcho && !config.restricted) this.#ask(skb, at, icmp);\nelse this.sendError(quoteOf(skb, at), 1);',
    flips: [[['RFC 5508 REQ-7', 'RFC 7857 §13'], ['user']]],
  },
  {
    name: 'user mode: the host’s kernel knows no SYNs that cross',
    file: 'packages/devices/src/tcp/input/syn-sent.ts',
    find: 'return seg.has(TCPHDR_SYN) ?',
    replace: 'return seg.has(TCPHDR_SYN) && seg.has(TCPHDR_ACK) ?',
    flips: [[['RFC 5382 REQ-2'], ['user']]],
  },
  {
    name: 'user mode: a connection may take four minutes to open',
    file: `${USER}/tcp.ts`,
    find: 'const KEEP_INIT: Nanos = 75 * SEC;',
    replace: 'const KEEP_INIT: Nanos = 240 * SEC;',
    flips: [[['RFC 5382 REQ-5t'], ['user']]],
  },
  {
    name: 'user mode: the guest is not told that a connection failed',
    file: `${USER}/tcp.ts`,
    find: '    closeSocket(this.#proc, host);\n    this.#reset(syn, at);',
    replace: '    closeSocket(this.#proc, host);\n    freeSkb(syn);',
    flips: [[['RFC 5382 REQ-9', 'RFC 5382 REQ-10'], ['user']]],
  },
  {
    name: 'user mode: the guest is not reset as the host is',
    file: `${USER}/relay.ts`,
    find: 'this.guest.options.linger = 0;',
    replace: 'void e;',
    flips: [[['RFC 7857 §2.2'], ['user']]],
  },
  {
    name: 'user mode: an identifier serves for one query',
    file: `${USER}/icmp.ts`,
    find: 'if (known !== undefined) return known;',
    replace: "if (known !== undefined) throw new KernelError('EHOSTUNREACH');",
    flips: [[['RFC 7857 §12'], ['user']]],
  },
  {
    name: 'user mode: the host’s kernel looks at no checksum of ICMP',
    file: 'packages/devices/src/icmp/icmp.ts',
    find: 'if (skb.ipSummed === CHECKSUM_NONE && !checksumOk(buf, data, skb.len)) {',
    replace: 'if (skb.len === 0) {',
    flips: [[['RFC 5508 REQ-3a'], ['user']]],
  },
  {
    name: 'user mode: all of the host’s packets have one identification',
    file: 'packages/devices/src/ipv4/ident.ts',
    find: 'return next;',
    replace: 'return 77;',
    flips: [[['RFC 7857 §11'], ['user']]],
  },
];
