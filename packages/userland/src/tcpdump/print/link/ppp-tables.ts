import type { Names } from '../base/index.ts';

/** PPP protocols by number. Source: tcpdump print-ppp.c, ppptype2str[] */
export const PPP_TYPES: Names = {
  33: 'IP',
  35: 'OSI',
  37: 'NS',
  39: 'DECNET',
  41: 'APPLE',
  43: 'IPX',
  45: 'VJC IP',
  47: 'VJNC IP',
  49: 'BRPDU',
  51: 'STII',
  53: 'VINES',
  641: 'MPLS',
  643: 'MPLS',
  253: 'Compressed',
  61: 'MLPPP',
  87: 'IP6',
  513: 'HELLO',
  561: 'LUXCOM',
  563: 'SNS',
  32801: 'IPCP',
  32803: 'OSICP',
  32805: 'NSCP',
  32807: 'DECNETCP',
  32809: 'APPLECP',
  32811: 'IPXCP',
  32819: 'STIICP',
  32821: 'VINESCP',
  32855: 'IP6CP',
  33409: 'MPLSCP',
  49185: 'LCP',
  49187: 'PAP',
  49189: 'LQM',
  49699: 'CHAP',
  49703: 'EAP',
  49191: 'SPAP',
  49443: 'Old-SPAP',
  49195: 'BACP',
  49197: 'BAP',
  49213: 'MLPPP-CP',
  33021: 'CCP',
};

/** Codes of control protocols. RFC 1661; cpcodes[] */
export const CP_CODES: readonly string[] = [
  'Vendor-Extension',
  'Conf-Request',
  'Conf-Ack',
  'Conf-Nack',
  'Conf-Reject',
  'Term-Request',
  'Term-Ack',
  'Code-Reject',
  'Prot-Reject',
  'Echo-Request',
  'Echo-Reply',
  'Disc-Req',
  'Ident',
  'Time-Rem',
  'Reset-Req',
  'Reset-Ack',
];

/** Options of LCP. lcpconfopts[] */
export const LCP_OPTIONS: readonly string[] = [
  ...['Vend-Ext', 'MRU', 'ACCM', 'Auth-Prot', 'Qual-Prot', 'Magic-Num', 'deprecated(6)', 'PFC'],
  ...['ACFC', 'FCS-Alt', 'SDP', 'Num-Mode', 'deprecated(12)', 'Call-Back', 'deprecated(14)'],
  ...['deprecated(15)', 'deprecated(16)', 'MRRU', '12-Bit seq #', 'End-Disc', 'Proprietary'],
  ...['DCE-Id', 'MP+', 'Link-Disc', 'LCP-Auth-Opt', 'COBS', 'Prefix-elision'],
  ...['Multilink-header-Form', 'I18N', 'SDL-over-SONET/SDH', 'PPP-Muxing'],
];

/** Options of IPCP. ipcpopt_values[] */
export const IPCP_OPTIONS: Names = {
  1: 'IP-Addrs',
  2: 'IP-Comp',
  3: 'IP-Addr',
  4: 'Home-Addr',
  129: 'Pri-DNS',
  130: 'Pri-NBNS',
  131: 'Sec-DNS',
  132: 'Sec-NBNS',
};

/** Ways of CHAP. authalg_values[] */
export const AUTH_ALGORITHMS: Names = { 5: 'MD5', 128: 'MS-CHAPv1', 129: 'MS-CHAPv2' };

/** Ways to be called back. ppp_callback_values[] */
export const CALLBACKS: Names = {
  0: 'UserAuth',
  1: 'DialString',
  2: 'LocalID',
  3: 'E.164',
  4: 'X.500',
  6: 'CBCP',
};

/** Compressions of IPCP. ipcpopt_compproto_values[] */
export const COMPRESSIONS: Names = { 45: 'VJ-Comp', 97: 'IP Header Compression' };
