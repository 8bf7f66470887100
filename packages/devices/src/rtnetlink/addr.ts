import { addrAdd4, addrDel4, addrDump4 } from '../ipv4/rtnetlink/addr.ts';
import { addrAdd6, addrDel6, addrDump6 } from '../ipv6/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { AddrRequest, NewFlags } from './requests.ts';
import type { AddrInfo, Family } from './types.ts';

/** RTM_GETADDR: the addresses of a family, or of both, device by device. */
export function addrDump(netns: Netns, family?: Family): AddrInfo[] {
  const v4 = family === 'inet6' ? [] : addrDump4(netns);
  return family === 'inet' ? v4 : [...v4, ...addrDump6(netns)];
}

/** RTM_NEWADDR. @throws KernelError ENODEV, EEXIST, EINVAL, … with the kernel's words */
export function addrAdd(netns: Netns, req: AddrRequest, flags: NewFlags): void {
  if (req.family === 'inet') addrAdd4(netns, req, flags);
  else addrAdd6(netns, req, flags);
}

/** RTM_DELADDR. @throws KernelError ENODEV, EADDRNOTAVAIL */
export function addrDel(netns: Netns, req: AddrRequest): void {
  if (req.family === 'inet') addrDel4(netns, req);
  else addrDel6(netns, req);
}
