/** Keys of meta and ct: width and data type. src/meta.c, meta_templates[]; src/ct.c, ct_templates[] */

/** Width and type of a key. */
export interface Key {
  readonly bits: number;
  readonly type: string;
}

function keys(text: string): Readonly<Record<string, Key>> {
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [name = '', bits, type = 'integer'] = line.trim().split(/\s+/);
        return [name, { bits: Number(bits), type }];
      }),
  );
}

/** Keys of meta. */
export const META: Readonly<Record<string, Key>> = keys(`
  length 32
  protocol 16 ether_type
  nfproto 8 nf_proto
  l4proto 8 inet_proto
  priority 32 classid
  mark 32 mark
  iif 32 iface_index
  iifname 128 ifname
  iiftype 16 iface_type
  oif 32 iface_index
  oifname 128 ifname
  oiftype 16 iface_type
  skuid 32 uid
  skgid 32 gid
  nftrace 1
  rtclassid 32 realm
  ibrname 128 ifname
  obrname 128 ifname
  pkttype 8 pkt_type
  cpu 32
  iifgroup 32 devgroup
  oifgroup 32 devgroup
  cgroup 32
  random 32
  ipsec 1 boolean
  iifkind 128 ifname
  oifkind 128 ifname
  ibrpvid 16
  ibrvproto 16 ether_type
  time 64 date
  day 8 day
  hour 32 hour
  secmark 32
  sdif 32 iface_index
  sdifname 128 ifname`);

/** Keys that stand without the word meta. */
export const UNQUALIFIED: readonly string[] = [
  'mark',
  'iif',
  'iifname',
  'iiftype',
  'oif',
  'oifname',
  'oiftype',
  'skuid',
  'skgid',
  'nftrace',
  'rtclassid',
  'ibrname',
  'obrname',
  'pkttype',
  'cpu',
  'iifgroup',
  'oifgroup',
  'cgroup',
  'ipsec',
  'time',
  'day',
  'hour',
];

/** Keys that are listed without the word meta. src/meta.c, meta_key_is_unqualified() */
export const LISTED_UNQUALIFIED: readonly string[] = [
  'iif',
  'oif',
  'iifname',
  'oifname',
  'iifgroup',
  'oifgroup',
];

/** Keys of ct. Types and widths of addresses and ports depend on the family. */
export const CT: Readonly<Record<string, Key>> = keys(`
  state 32 ct_state
  direction 8 ct_dir
  status 32 ct_status
  mark 32 mark
  expiration 32 time
  helper 128 string
  l3proto 8 nf_proto
  saddr 32 ipv4_addr
  daddr 32 ipv4_addr
  protocol 8 inet_proto
  proto-src 16 inet_service
  proto-dst 16 inet_service
  label 128 ct_label
  bytes 64
  packets 64
  avgpkt 64
  zone 16
  event 32 ct_event
  secmark 32
  id 32
  count 32`);

/** Fields of IPv6 extension headers: header, field, offset, width, type. src/exthdr.c */
const EXTENSION = `
  hbh nexthdr 0 8 inet_proto
  hbh hdrlength 8 8
  rt nexthdr 0 8 inet_proto
  rt hdrlength 8 8
  rt type 16 8
  rt seg-left 24 8
  rt0 addr[1] 64 128 ipv6_addr
  rt0 reserved 32 32
  rt2 addr 64 128 ipv6_addr
  srh last-entry 32 8
  srh flags 40 8
  srh tag 48 16
  srh sid[1] 64 128 ipv6_addr
  srh sid[2] 192 128 ipv6_addr
  frag nexthdr 0 8 inet_proto
  frag reserved 8 8
  frag frag-off 16 13
  frag reserved2 29 2
  frag more-fragments 31 1
  frag id 32 32
  dst nexthdr 0 8 inet_proto
  dst hdrlength 8 8
  mh nexthdr 0 8 inet_proto
  mh hdrlength 8 8
  mh type 16 8 mh_type
  mh reserved 24 8
  mh checksum 32 16`;

/** An option's or extension header's field. */
export interface OptionField extends Key {
  readonly name: string;
  readonly field: string;
  readonly offset: number;
}

function optionFields(text: string): OptionField[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', field = '', offset, bits, type = 'integer'] = line.trim().split(/\s+/);
      return { name, field, offset: Number(offset), bits: Number(bits), type };
    });
}

/** Fields of IPv6 extension headers. */
export const EXTENSION_FIELDS: readonly OptionField[] = optionFields(EXTENSION);

/** Protocol numbers of IPv6 extension headers. */
export const EXTENSION_HEADERS: Readonly<Record<string, number>> = {
  hbh: 0,
  rt: 43,
  rt0: 43,
  rt2: 43,
  srh: 43,
  frag: 44,
  dst: 60,
  mh: 135,
};

/** Fields of TCP options. src/tcpopt.c */
export const TCP_OPTION_FIELDS: readonly OptionField[] = optionFields(`
  eol kind 0 8
  nop kind 0 8
  maxseg kind 0 8
  maxseg length 8 8
  maxseg size 16 16
  window kind 0 8
  window length 8 8
  window count 16 8
  sack-perm kind 0 8
  sack-perm length 8 8
  sack kind 0 8
  sack length 8 8
  sack left 16 32
  sack right 48 32
  sack1 left 80 32
  sack1 right 112 32
  sack2 left 144 32
  sack2 right 176 32
  sack3 left 208 32
  sack3 right 240 32
  timestamp kind 0 8
  timestamp length 8 8
  timestamp tsval 16 32
  timestamp tsecr 48 32
  fastopen kind 0 8
  fastopen length 8 8
  md5sig kind 0 8
  md5sig length 8 8
  mptcp kind 0 8
  mptcp length 8 8
  mptcp subtype 16 4`);

/** Kinds of TCP options. */
export const TCP_OPTIONS: Readonly<Record<string, number>> = {
  eol: 0,
  nop: 1,
  maxseg: 2,
  window: 3,
  'sack-perm': 4,
  sack: 5,
  sack1: 5,
  sack2: 5,
  sack3: 5,
  timestamp: 8,
  md5sig: 19,
  mptcp: 30,
  fastopen: 34,
};

/** Other words for TCP options. */
export const TCP_OPTION_ALIASES: Readonly<Record<string, string>> = {
  noop: 'nop',
  mss: 'maxseg',
  'sack-permitted': 'sack-perm',
  sack0: 'sack',
};

/** Fields of IPv4 options. src/ipopt.c */
export const IP_OPTION_FIELDS: readonly OptionField[] = optionFields(`
  lsrr type 0 8
  lsrr length 8 8
  lsrr ptr 16 8
  lsrr addr 24 32
  rr type 0 8
  rr length 8 8
  rr ptr 16 8
  rr addr 24 32
  ssrr type 0 8
  ssrr length 8 8
  ssrr ptr 16 8
  ssrr addr 24 32
  ra type 0 8
  ra length 8 8
  ra value 16 16`);

/** Kinds of IPv4 options. */
export const IP_OPTIONS: Readonly<Record<string, number>> = {
  lsrr: 131,
  rr: 7,
  ssrr: 137,
  ra: 148,
};
