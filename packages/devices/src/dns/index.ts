export {
  BADVERS,
  CLASS_ANY,
  CLASS_CH,
  CLASS_HS,
  CLASS_IN,
  className,
  classNumber,
  FORMERR,
  NOERROR,
  NOTIMP,
  NXDOMAIN,
  OPCODE_QUERY,
  opcodeName,
  REFUSED,
  rcodeName,
  SERVFAIL,
} from './codes.ts';
export {
  addressOf,
  DNS_HLEN,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  EDNS_DO,
  type Edns,
  type EdnsOption,
  FLAG_AA,
  FLAG_AD,
  FLAG_CD,
  FLAG_QR,
  FLAG_RA,
  FLAG_RD,
  FLAG_TC,
  FLAG_Z,
  PLAIN_UDP_MAX,
} from './message.ts';
export {
  type DnsSection,
  MessageWriter,
  type NameCompression,
  rdataBytes,
  type WriteOptions,
  writeMessage,
} from './message-writer.ts';
export {
  isInDomain,
  MAX_LABEL,
  MAX_NAME,
  type NameError,
  nameLabels,
  normalName,
  readName,
  sameName,
} from './name.ts';
export { type FieldKind, type FieldValue, layoutOf, readRdata } from './rdata.ts';
export { type RecordPlace, readMessage, readQuestions, readRecordPlace } from './read-message.ts';
export { DNS_TYPES, typeName, typeNumber } from './types.ts';
