import { aptPackage, dpkgPackage } from '../apt/index.ts';
import { arptablesPackage } from '../arptables/index.ts';
import { baseFilesPackage } from '../base/index.ts';
import { bashPackage, dashPackage } from '../bash/index.ts';
import { bind9Dnsutils } from '../bind9-dnsutils/index.ts';
import { bind9Host } from '../bind9-host/index.ts';
import { bridgeUtils } from '../bridge-utils/index.ts';
import { bsdextrautilsPackage } from '../bsdextrautils/index.ts';
import { busybox, udhcpc } from '../busybox/index.ts';
import { conntrack } from '../conntrack/index.ts';
import { coreutilsPackage } from '../coreutils/index.ts';
import { coturn } from '../coturn/index.ts';
import { curl } from '../curl/index.ts';
import { diffutilsPackage } from '../diffutils/index.ts';
import { dnsmasq, dnsmasqBase } from '../dnsmasq/index.ts';
import { ebtablesPackage } from '../ebtables/index.ts';
import { ethtool } from '../ethtool/index.ts';
import { findutilsPackage } from '../findutils/index.ts';
import { gawkPackage } from '../gawk/index.ts';
import { grepPackage } from '../grep/index.ts';
import { hostnamePackage } from '../hostname/index.ts';
import { ifupdown } from '../ifupdown/index.ts';
import { iperf3Package } from '../iperf3/index.ts';
import { iproute2 } from '../iproute2/index.ts';
import { ipsetPackage } from '../ipset/index.ts';
import { iptables } from '../iptables/index.ts';
import { iputilsArping, iputilsPing, iputilsTracepath } from '../iputils/index.ts';
import { iscDhcpClient } from '../isc-dhcp-client/index.ts';
import { kmodPackage } from '../kmod/index.ts';
import { debianutilsPackage, lessPackage, manPackage, ncursesPackage } from '../less/index.ts';
import { netbase } from '../libc-net/index.ts';
import { libvirtPackages } from '../libvirt/index.ts';
import { lsofPackage } from '../lsof/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { mtrTiny } from '../mtr/index.ts';
import { netTools } from '../net-tools/index.ts';
import { netcatOpenbsd } from '../netcat-openbsd/index.ts';
import { netplanPackage } from '../netplan/index.ts';
import { networkManagerPackage } from '../network-manager/index.ts';
import { nftables } from '../nftables/index.ts';
import { nginx, nginxCommon, nginxCore, nginxLight } from '../nginx/index.ts';
import { postgresqlPackages } from '../postgresql/index.ts';
import { procpsPackage } from '../procps/index.ts';
import { psmisc } from '../psmisc/index.ts';
import { python3Minimal } from '../python3/index.ts';
import { qemuSystemCommon, qemuSystemX86 } from '../qemu/index.ts';
import { libcBin } from '../resolver/index.ts';
import { sedPackage } from '../sed/index.ts';
import { socat } from '../socat/index.ts';
import { stunClient } from '../stun-client/index.ts';
import { stunServer } from '../stun-server/index.ts';
import { sudoPackage } from '../sudo/index.ts';
import { systemdPackage, systemdSysv } from '../systemd/index.ts';
import { tcpdump } from '../tcpdump/index.ts';
import { telnet } from '../telnet/index.ts';
import { traceroute } from '../traceroute/index.ts';
import { utilLinuxPackage } from '../util-linux/index.ts';
import { vde2 } from '../vde2/index.ts';
import { virtinst } from '../virtinst/index.ts';
import { wget } from '../wget/index.ts';

/** All packages of a Debian machine: those that are installed on a fresh one, and those that apt can bring. In order of installation. */
export const debianPackages: readonly DebPackage[] = [
  baseFilesPackage,
  bashPackage,
  dashPackage,
  coreutilsPackage,
  libcBin,
  netbase,
  iproute2,
  iptables,
  nftables,
  ipsetPackage,
  conntrack,
  bridgeUtils,
  ifupdown,
  ebtablesPackage,
  arptablesPackage,
  bind9Host,
  bind9Dnsutils,
  dnsmasqBase,
  dnsmasq,
  netTools,
  vde2,
  ethtool,
  iputilsPing,
  iputilsArping,
  iputilsTracepath,
  curl,
  netcatOpenbsd,
  wget,
  telnet,
  busybox,
  udhcpc,
  iscDhcpClient,
  socat,
  traceroute,
  coturn,
  stunClient,
  stunServer,
  tcpdump,
  python3Minimal,
  nginxCommon,
  nginxCore,
  nginxLight,
  nginx,
  qemuSystemCommon,
  qemuSystemX86,
  gawkPackage,
  diffutilsPackage,
  bsdextrautilsPackage,
  kmodPackage,
  grepPackage,
  sedPackage,
  findutilsPackage,
  procpsPackage,
  psmisc,
  iperf3Package,
  mtrTiny,
  lsofPackage,
  utilLinuxPackage,
  sudoPackage,
  systemdPackage,
  systemdSysv,
  networkManagerPackage,
  netplanPackage,
  ...postgresqlPackages,
  ...libvirtPackages,
  virtinst,
  hostnamePackage,
  aptPackage,
  dpkgPackage,
  debianutilsPackage,
  lessPackage,
  manPackage,
  ncursesPackage,
];
