/** The words that are no names anywhere, each with the token that it stands for. src/scanner.l */
const WORDS = `include define redefine undefine describe hook device devices table chain rule set element map flowtable handle
ruleset socket tproxy accept drop continue jump goto return inet netdev add replace update create insert delete get list reset
flush rename import export monitor position index comment constant interval dynamic auto-merge timeout gc-interval elements
expires policy size flow offload meter counter log queue limit quota hour day reject snat dnat masquerade redirect random th
bridge ether type typeof vlan arp ip icmp icmpv6 igmp ip6 priority ah esp comp flags udp udplite tcp dccp sctp rt rt0 rt2 srh
hbh frag dst mh meta mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibriport ibrname obriport
obrname pkttype cpu iifgroup oifgroup cgroup ct numgen jhash symhash dup fwd fib osf synproxy notrack all exists missing
exthdr ipsec secmark xt vmap ecn time`;

/** Words for signs. */
export const SIGN_WORDS: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  le: '<=',
  lt: '<',
  ge: '>=',
  gt: '>',
  lshift: '<<',
  rshift: '>>',
  xor: '^',
  and: '&',
  or: '|',
  not: '!',
};

/** Words that are tokens of their own wherever they stand. */
export const KEYWORDS: ReadonlySet<string> = new Set(WORDS.split(/\s+/));

/** Words that are tokens only within what the key begins. */
export const SCOPED_KEYWORDS: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    tcp: 'echo eol maxseg mss nop noop sack sack0 sack1 sack2 sack3 fastopen mptcp md5sig subtype sack-permitted sack-perm timestamp kind count left right tsval tsecr doff window urgptr option ackseq reserved sport dport checksum length sequence',
    ct: 'avgpkt l3proto proto-src proto-dst zone original reply direction event expectation expiration helper helpers label state status packets bytes over saddr daddr protocol id count assured seen-reply',
    ip: 'version hdrlength dscp ecn length frag-off ttl protocol id saddr daddr checksum option lsrr rr ssrr ra value ptr addr prefix',
    ip6: 'version dscp ecn flowlabel length nexthdr hoplimit saddr daddr prefix',
    limit: 'rate burst kbytes mbytes second minute week over packets bytes name',
    log: 'prefix group snaplen queue-threshold level',
    queue: 'num bypass fanout to',
    nat: 'to prefix fully-random persistent port addr',
    tproxy: 'to',
    reject: 'with icmpx',
    list: 'chains sets tables meters maps flowtables limits secmarks synproxys hooks counters quotas',
    numgen: 'inc mod offset random',
    fib: 'saddr daddr check',
    meta: 'length protocol nfproto l4proto day',
  }).map(([k, v]) => [k, new Set(v.split(' '))]),
);
