/** The version that is followed. */
export const VERSION = '2.90';

/** What Debian built it with. */
export const COMPILE_OPTIONS =
  'IPv6 GNU-getopt DBus no-UBus i18n IDN2 DHCP DHCPv6 no-Lua TFTP conntrack ipset nftset auth cryptohash DNSSEC loop-detect inotify dumpfile';

/** COPYRIGHT of dnsmasq's version. */
export const COPYRIGHT = 'Copyright (c) 2000-2024 Simon Kelley';

/** What `dnsmasq --version` prints. */
export const VERSION_TEXT: string = `Dnsmasq version ${VERSION}  ${COPYRIGHT}
Compile time options: ${COMPILE_OPTIONS}

This software comes with ABSOLUTELY NO WARRANTY.
Dnsmasq is free software, and you are welcome to redistribute it
under the terms of the GNU General Public License, version 2 or 3.
`;
