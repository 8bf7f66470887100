import { type DebPackage, withManual } from '../machine/index.ts';
import { dig, digManual } from './dig/index.ts';
import { nslookup, nslookupManual } from './nslookup/index.ts';

export {
  type Answered,
  BIND_VERSION,
  Lookup,
  type LookupDisplay,
  LookupFatal,
  PLAIN_STYLE,
  questionLine,
  rdataText,
  recordLine,
  recordSets,
  reverseText,
  runLookups,
  Session,
  serversNamed,
  setupFromResolvConf,
  shownName,
  typeText,
} from './dighost/index.ts';
export { endOfAliases } from './nslookup/index.ts';

/** dig and nslookup; delv, mdig and nsupdate, which check signatures or change zones, are not here. */
export const bind9Dnsutils: DebPackage = {
  name: 'bind9-dnsutils',
  version: '1:9.18.49-1~deb12u3',
  description: 'Clients provided with BIND 9',
  preinstalled: true,
  depends: ['bind9-host'],
  programs: {
    '/usr/bin/dig': withManual(dig, digManual),
    '/usr/bin/nslookup': withManual(nslookup, nslookupManual),
  },
};
