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
    flips: [[['RFC 4787 REQ-5', 'RFC 4787 REQ-6'], ['user']]],
  },
  {
    name: 'user mode: a socket lives for ten minutes',
    file: `${USER}/udp.ts`,
    find: 'const EXPIRE: Nanos = 240 * SEC;',
    replace: 'const EXPIRE: Nanos = 600 * SEC;',
    flips: [[['RFC 4787 REQ-5c', 'RFC 5508 REQ-6', 'RFC 7857 §8'], ['user']]],
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
    name: 'user mode: pieces must come in their order',
    file: `${USER}/fragments.ts`,
    find: '[...pieces].sort((a, b) => a.off - b.off)',
    replace: '[...pieces]',
    flips: [[['RFC 4787 REQ-14'], ['user']]],
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
    find: 'if (!checksumOk(buf, data, skb.len)) {',
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
