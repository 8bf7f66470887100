export { ETHER_TYPES, type Field, fieldOf, HEADERS, type Header, TRANSPORT } from './headers.ts';
export {
  CT,
  EXTENSION_FIELDS,
  EXTENSION_HEADERS,
  IP_OPTION_FIELDS,
  IP_OPTIONS,
  LISTED_UNQUALIFIED,
  META,
  type OptionField,
  TCP_OPTION_ALIASES,
  TCP_OPTION_FIELDS,
  TCP_OPTIONS,
  UNQUALIFIED,
} from './keys.ts';
export { chunkField, SCTP_CHUNKS } from './sctp-chunks.ts';
