import type { Path } from './flow.ts';
import { ip, type Places, type Running } from './places.ts';

/** The gateway of {@link outside}, and so the name of its loopback for whoever is behind pasta or passt. */
export const GATEWAY = '192.0.2.1';
const OUTSIDE = '192.0.2.2/24';

/** Both refuse to give up root's rights for those of nobody, to whom our namespaces are closed. */
const PASST = ['-f', '-q', '--runas', '0:0', '-4', '-t', 'none', '-u', 'none'];

/** A namespace that has what pasta and passt take their addresses from: a NIC with a default route. */
export function outside(places: Places, name: string): string {
  const netns = places.make(name);
  ip(`-n ${netns} link add out0 type veth peer name gw0`);
  ip(`-n ${netns} addr add ${OUTSIDE} dev out0`);
  for (const dev of ['out0', 'gw0']) ip(`-n ${netns} link set ${dev} up`);
  ip(`-n ${netns} route add default via ${GATEWAY}`);
  return netns;
}

/** The kernel behind slirp4netns: the loopback of `outer` is 10.0.2.2. */
export async function slirp(places: Places, outer: string, mtu: number): Promise<Path> {
  const netns = places.make(`slirp${mtu}`);
  const options = ['--netns-type=path', '--configure', `--mtu=${mtu}`];
  const carrier = places.start(outer, 'slirp4netns', ...options, `/run/netns/${netns}`, 'tap0');
  await carrier.until(/sent tapfd/);
  return { netns, host: '10.0.2.2', carrier };
}

/** The kernel behind pasta, which is passt for a namespace. @param outer from {@link outside} */
export async function pasta(places: Places, outer: string, mtu: number): Promise<Path> {
  const netns = places.make(`pasta${mtu}`);
  const inner = ['-T', 'none', '-U', 'none', '-I', 'tap0', '--netns', `/run/netns/${netns}`];
  const options = ['--netns-only', '--config-net', '-m', `${mtu}`, ...inner];
  const carrier = places.start(outer, 'pasta', ...PASST, ...options);
  await places.hasRoute(netns);
  return { netns, host: GATEWAY, carrier };
}

/** passt: a guest's `-netdev stream` connects to `path`. @param outer from {@link outside} */
export function passt(places: Places, outer: string, path: string): Running {
  return places.start(outer, 'passt', ...PASST, '-m', '1500', '-s', path);
}
