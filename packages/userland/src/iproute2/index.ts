import { withOptions } from '../libc-net/index.ts';
import { type DebPackage, withManual } from '../machine/index.ts';
import { bridge, bridgeManual } from './bridge/index.ts';
import { ip, ipManual } from './ip/index.ts';
import { ETC_IPROUTE2 } from './names/index.ts';
import { NSTAT_OPTIONS, nstat } from './nstat/index.ts';
import { ss, ssManual } from './ss/index.ts';
import { tc, tcManual } from './tc/index.ts';

/** iproute2 6.1 as Debian 12 ships it: `ip`, `bridge`, `tc`, `ss`, `nstat`. */
export const iproute2: DebPackage = {
  name: 'iproute2',
  version: '6.1.0-3',
  preinstalled: true,
  programs: {
    '/usr/sbin/ip': withManual(ip, ipManual),
    '/usr/sbin/bridge': withManual(bridge, bridgeManual),
    '/usr/sbin/tc': withManual(tc, tcManual),
    '/usr/bin/ss': withManual(ss, ssManual),
    '/usr/bin/nstat': withOptions(nstat, NSTAT_OPTIONS),
  },
  install(fs) {
    fs.mkdir('/etc/iproute2', { recursive: true });
    for (const [name, text] of Object.entries(ETC_IPROUTE2))
      fs.writeFile(`/etc/iproute2/${name}`, text);
  },
};
