export { splitLine } from './load-file.ts';
export { conntrackManual } from './manual.ts';
export { COMPARISON, type Command } from './options.ts';
export { type CommandLine, type ParseContext, parseCommandLine } from './parse.ts';
export { answerType, protocolOf, SCTP_STATES } from './protocols.ts';
export type { Template, TupleWish } from './template.ts';
export { usage } from './usage.ts';
export {
  EVENT_DESTROY,
  EVENT_NEW,
  EVENT_UPDATE,
  inNetwork,
  O_EXT,
  O_ID,
  O_KTMS,
  O_SAVE,
  O_TMS,
  O_XML,
} from './values.ts';
