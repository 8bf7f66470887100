export { Args, matches } from './args.ts';
export { parseOneOf, parseOnOff, parseStrictOnOff } from './choice.ts';
export {
  duplicateArgument,
  duplicateOrGarbage,
  Exit,
  Failure,
  incompleteCommand,
  invalidArgument,
  missingArgument,
  noSuchDevice,
  unsupported,
} from './exit.ts';
export { isAltIfname, isIfname } from './ifname.ts';
export { type LinkAddr, macOfBytes, parseEtherAddr, parseLinkAddr } from './mac.ts';
export { atoi, parseInteger, parseTimeRtt, parseU64, parseUnsigned } from './number.ts';
export { matchesPattern } from './pattern.ts';
export {
  type AnyFamily,
  anyAddr,
  familyBits,
  type InetPrefix,
  parseAddr,
  parseFamily,
  parsePrefix,
  parseShortIpv4,
  sameBits,
  tryAddr,
  tryPrefix,
} from './prefix.ts';
export { findWord, refusedWord, type Word, word, wordRows } from './words.ts';
