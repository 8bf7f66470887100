export {
  classText,
  PLAIN_STYLE,
  questionLine,
  type RecordStyle,
  recordLine,
} from './columns.ts';
export { Lookup, type LookupServer, type SentOption } from './lookup.ts';
export { absolute, rdataText, shownName, typeText } from './rdata-text.ts';
export { recordSets } from './record-sets.ts';
export { BIND_VERSION } from './result-text.ts';
export { runLookups } from './run-lookups.ts';
export { type Answered, type LookupDisplay, Session } from './session.ts';
export { LookupFatal, reverseText, serversNamed, setupFromResolvConf } from './setup.ts';
