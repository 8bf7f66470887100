import type { Netns } from '@labwire/devices/netns';

/** ICMP types with columns of their own, by the columns' names. Linux net/ipv4/proc.c, icmpmibmap[] */
const ICMP_COLUMNS: readonly (readonly [name: string, type: number])[] = [
  ['DestUnreachs', 3],
  ['TimeExcds', 11],
  ['ParmProbs', 12],
  ['SrcQuenchs', 4],
  ['Redirects', 5],
  ['Echos', 8],
  ['EchoReps', 0],
  ['Timestamps', 13],
  ['TimestampReps', 14],
  ['AddrMasks', 17],
  ['AddrMaskReps', 18],
];

/** Columns of IpMib that stand in /proc/net/snmp; those behind belong to IpExt. */
const LAST_IP_COLUMN = 'OutTransmits';
/** The counter of IpMib that /proc/net/netstat shows under TcpExt. */
const TCP_EXT_COLUMN = 'IPReversePathFilter';

/** Columns of Tcp that are settings of the kernel: Van Jacobson's algorithm, no limit of connections. */
const TCP_HEAD = (netns: Netns): Column[] => [
  ['RtoAlgorithm', 1],
  ['RtoMin', Math.floor(netns.tcp.conf.tcp_rto_min_us / 1000)],
  ['RtoMax', netns.tcp.conf.tcp_rto_max_ms],
  ['MaxConn', -1],
];

/** Columns of MPTCP, which is not there to count. Linux net/mptcp/mib.c, mptcp_snmp_list */
const MPTCP: readonly string[] = [
  ...['MPCapableSYNRX', 'MPCapableSYNTX', 'MPCapableSYNACKRX', 'MPCapableACKRX'],
  ...[
    'MPCapableFallbackACK',
    'MPCapableFallbackSYNACK',
    'MPCapableSYNTXDrop',
    'MPCapableSYNTXDisabled',
  ],
  ...['MPCapableEndpAttempt', 'MPFallbackTokenInit', 'MPTCPRetrans', 'MPJoinNoTokenFound'],
  ...['MPJoinSynRx', 'MPJoinSynBackupRx', 'MPJoinSynAckRx', 'MPJoinSynAckBackupRx'],
  ...['MPJoinSynAckHMacFailure', 'MPJoinAckRx', 'MPJoinAckHMacFailure', 'MPJoinRejected'],
  ...['MPJoinSynTx', 'MPJoinSynTxCreatSkErr', 'MPJoinSynTxBindErr', 'MPJoinSynTxConnectErr'],
  ...['DSSNotMatching', 'DSSCorruptionFallback', 'DSSCorruptionReset', 'InfiniteMapTx'],
  ...['InfiniteMapRx', 'DSSNoMatchTCP', 'DataCsumErr', 'OFOQueueTail'],
  ...['OFOQueue', 'OFOMerge', 'NoDSSInWindow', 'DuplicateData'],
  ...['AddAddr', 'AddAddrTx', 'AddAddrTxDrop', 'EchoAdd'],
  ...['EchoAddTx', 'EchoAddTxDrop', 'PortAdd', 'AddAddrDrop'],
  ...['MPJoinPortSynRx', 'MPJoinPortSynAckRx', 'MPJoinPortAckRx', 'MismatchPortSynRx'],
  ...['MismatchPortAckRx', 'RmAddr', 'RmAddrDrop', 'RmAddrTx'],
  ...['RmAddrTxDrop', 'RmSubflow', 'MPPrioTx', 'MPPrioRx'],
  ...['MPFailTx', 'MPFailRx', 'MPFastcloseTx', 'MPFastcloseRx'],
  ...['MPRstTx', 'MPRstRx', 'SubflowStale', 'SubflowRecover'],
  ...['SndWndShared', 'RcvWndShared', 'RcvWndConflictUpdate', 'RcvWndConflict'],
  ...['MPCurrEstab', 'Blackhole', 'MPCapableDataFallback', 'MD5SigFallback'],
  ...['DssFallback', 'SimultConnectFallback', 'FallbackFailed', 'WinProbe'],
];

type Column = readonly [name: string, value: number];

/** Names and values on a line each. */
function table(title: string, columns: readonly Column[]): string {
  const line = (of: (c: Column) => string | number) => `${title}: ${columns.map(of).join(' ')}\n`;
  return line(([name]) => name) + line(([, value]) => value);
}

function ipColumns(netns: Netns): { readonly ip: Column[]; readonly ext: Column[] } {
  const all: Column[] = Object.entries(netns.ipv4.mib);
  const end = all.findIndex(([name]) => name === LAST_IP_COLUMN) + 1;
  return { ip: all.slice(0, end), ext: all.slice(end).filter(([n]) => n !== TCP_EXT_COLUMN) };
}

function icmp(netns: Netns): string {
  const { mib } = netns.ipv4.icmp;
  const typed = (prefix: string, counts: Float64Array | null): Column[] =>
    ICMP_COLUMNS.map(([name, type]) => [`${prefix}${name}`, counts?.[type] ?? 0]);
  const seen = (prefix: string, counts: Float64Array | null): Column[] =>
    [...(counts ?? [])].flatMap((n, type): Column[] => (n === 0 ? [] : [[`${prefix}${type}`, n]]));
  const types = [...seen('InType', mib.in), ...seen('OutType', mib.out)];
  const columns: Column[] = [
    ['InMsgs', mib.InMsgs],
    ['InErrors', mib.InErrors],
    ['InCsumErrors', mib.InCsumErrors],
    ...typed('In', mib.in),
    ['OutMsgs', mib.OutMsgs],
    ['OutErrors', mib.OutErrors],
    ['OutRateLimitGlobal', mib.OutRateLimitGlobal],
    ['OutRateLimitHost', mib.OutRateLimitHost],
    ...typed('Out', mib.out),
  ];
  return table('Icmp', columns) + (types.length === 0 ? '' : table('IcmpMsg', types));
}

/** /proc/net/snmp. Linux net/ipv4/proc.c, snmp_seq_show() */
export function snmp(netns: Netns): string {
  const forwarding = netns.ipv4.allConf.forwarding === 0 ? 2 : 1;
  const head: Column[] = [
    ['Forwarding', forwarding],
    ['DefaultTTL', netns.ipv4.conf.ip_default_ttl],
  ];
  const udp: Column[] = Object.entries(netns.udp.mib('inet'));
  const tcp: Column[] = [...TCP_HEAD(netns), ...Object.entries(netns.tcp.mib)];
  const udpLite: Column[] = udp.map(([name]) => [name, 0]);
  return [
    table('Ip', [...head, ...ipColumns(netns).ip]),
    icmp(netns),
    table('Tcp', tcp),
    table('Udp', udp),
    table('UdpLite', udpLite),
  ].join('');
}

/** /proc/net/netstat. Linux net/ipv4/proc.c, netstat_seq_show() */
export function netstat(netns: Netns): string {
  const { IPReversePathFilter } = netns.ipv4.mib;
  const tcpExt: Column[] = Object.entries({ ...netns.tcp.ext, IPReversePathFilter });
  return [
    table('TcpExt', tcpExt),
    table('IpExt', ipColumns(netns).ext),
    table(
      'MPTcpExt',
      MPTCP.map((name) => [name, 0]),
    ),
  ].join('');
}
