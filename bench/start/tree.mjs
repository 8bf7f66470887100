// A tree of 64 hosts and 21 bridges, each a namespace, set up by netlink requests from what `tsc -b` has made. Prints seconds of CPU since
// the process began.
import { Simulator } from '@labwire/core/sim';
import { IFF_UP } from '@labwire/devices/link';
import { Kernel } from '@labwire/devices/netns';
import { addrAdd, linkAdd, linkSet } from '@labwire/devices/rtnetlink';

const [DEPTH, FANOUT] = [3, 4];
const NETWORK = (10 << 24) | 1;

const sim = new Simulator();
const root = new Kernel(sim, 'tree').initNetns;
const counts = { hosts: 0, bridges: 0, cables: 0 };

/** A bridge with all that hangs from it. */
function tree(depth) {
  const netns = root.kernel.newNetns();
  const bridge = linkAdd(netns, { kind: 'bridge', name: `s${++counts.bridges}` });
  for (let i = 0; i < FANOUT; i++) {
    const below = depth === DEPTH ? host() : tree(depth + 1);
    const name = `v${++counts.cables}`;
    const port = linkAdd(netns, { kind: 'veth', name, peer: { name: 'eth0', netns: below.netns } });
    const end = below.netns.devices.byName('eth0').ifindex;
    linkSet(netns, port, { master: bridge, setFlags: IFF_UP });
    if (below.bridge !== undefined) linkSet(below.netns, end, { master: below.bridge });
    else
      addrAdd(
        below.netns,
        { family: 'inet', ifindex: end, local: NETWORK + counts.hosts, prefixLen: 8 },
        { create: true },
      );
    linkSet(below.netns, end, { setFlags: IFF_UP });
  }
  linkSet(netns, bridge, { setFlags: IFF_UP });
  return { netns, bridge };
}

function host() {
  counts.hosts++;
  return { netns: root.kernel.newNetns() };
}

tree(1);
sim.runEvents(sim.now);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ...counts, cpu: (user + system) / 1e6 }));
