/** An offload: the kernel's name, the name that `-k` shows where that is another, and the sum that it is a part of. */
export interface Feature {
  readonly kernel: string;
  readonly legacy: string | undefined;
  readonly sum: string | undefined;
}

const feature = (row: string): Feature => {
  const [kernel = '', legacy = '', sum = ''] = row.split('|');
  return { kernel, legacy: legacy || undefined, sum: sum || undefined };
};

/** The offloads of Linux 6.1 in the order of `ethtool -k`, one a line: `name|old name|sum`. */
export const FEATURES: readonly Feature[] = `rx-checksum|rx-checksumming
tx-checksum-ipv4||tx-checksumming
tx-checksum-ip-generic||tx-checksumming
tx-checksum-ipv6||tx-checksumming
tx-checksum-fcoe-crc||tx-checksumming
tx-checksum-sctp||tx-checksumming
tx-scatter-gather||scatter-gather
tx-scatter-gather-fraglist||scatter-gather
tx-tcp-segmentation||tcp-segmentation-offload
tx-tcp-ecn-segmentation||tcp-segmentation-offload
tx-tcp-mangleid-segmentation||tcp-segmentation-offload
tx-tcp6-segmentation||tcp-segmentation-offload
tx-generic-segmentation|generic-segmentation-offload
rx-gro|generic-receive-offload
rx-lro|large-receive-offload
rx-vlan-hw-parse|rx-vlan-offload
tx-vlan-hw-insert|tx-vlan-offload
rx-ntuple-filter|ntuple-filters
rx-hashing|receive-hashing
highdma
rx-vlan-filter
vlan-challenged
tx-lockless
netns-local
tx-gso-robust
tx-fcoe-segmentation
tx-gre-segmentation
tx-gre-csum-segmentation
tx-ipxip4-segmentation
tx-ipxip6-segmentation
tx-udp_tnl-segmentation
tx-udp_tnl-csum-segmentation
tx-gso-partial
tx-tunnel-remcsum-segmentation
tx-sctp-segmentation
tx-esp-segmentation
tx-udp-segmentation
tx-gso-list
fcoe-mtu
tx-nocache-copy
loopback
rx-fcs
rx-all
tx-vlan-stag-hw-insert
rx-vlan-stag-hw-parse
rx-vlan-stag-filter
l2-fwd-offload
hw-tc-offload
esp-hw-offload
esp-tx-csum-hw-offload
rx-udp_tunnel-port-offload
tls-hw-tx-offload
tls-hw-rx-offload
rx-gro-hw
tls-hw-record
rx-gro-list
macsec-hw-offload
rx-udp-gro-forwarding
hsr-tag-ins-offload
hsr-tag-rm-offload
hsr-fwd-offload
hsr-dup-offload`
  .split('\n')
  .map(feature);

/**
 * What drivers of Linux 6.1 have, in that order: `+` on, `-` off, `P` on and `.` off for good, `r` off and `q` on against what was asked
 * for. NICs as QEMU 7.2 has them, virtio_net by what its backend takes.
 */
export const FEATURE_STATES: Readonly<Record<string, string>> = {
  loopback: 'P.P..PPP++++++.....P.PPP..........+.++..P..............-.-....',
  bridge: '..+...++++++++..+..+..PP++++++++++++++.-...+...........-.-....',
  veth: '+.+..++++++++-.++..+..P...++++++..+.++.-...++..........-.-....',
  dummy: '..+...++++++++.....+..P...++++++..+.++.-...............-.-....',
  tun: '..r...++rr-r++..+.....P................-...+...........-.-....',
  vlan: '..+.r+++++++++.....+..P..r++++++..+.++r-...............-.-....',
  macvlan: 'P.P...PPPPPP+r-....P..P.P.PPPPPP..P.PP.-...............-.-....',
  bond: '..+...rrrrrrr+++P..r+.PP.P++++++..r-rr.q...P++..--.....-.-....',
  vxlan: '+.+...++++++++........P...........+.++.-...............-.-....',
  virtio_net: 'P...........r+.....PP..................-.............-.-.-....',
  e1000: '-.+...+.+.-.++.+P...P..................-.--............-.-....',
  e1000e: '+.+...+.+.-+++.++.+PP..................-.--............-.-....',
  '8139cp': '++....+.+.-.++.++..P...................-...............-.-....',
  vmxnet3: '+.+...+.+.-++++++..+P..................-...............-.-....',
  pcnet32: '............r+.........................-...............-.-....',
  'ne2k-pci': '............r+.........................-...............-.-....',
  e100: '............r+.........................-.--............-.-....',
  tulip: '............r+.........................-...............-.-....',
  virtio_net_tap: 'P.+...+.++-+++.....PP...P..............-.............+.-.-....',
};
