/** UDP port of servers and relays. RFC 2131 section 4.1. */
export const DHCP_SERVER_PORT = 67;
/** UDP port of clients. */
export const DHCP_CLIENT_PORT = 68;

/** `op`: from a client. RFC 951. */
export const BOOTREQUEST = 1;
/** `op`: from a server. */
export const BOOTREPLY = 2;

/** Message types, the value of option 53. RFC 2132 section 9.6. */
export const DHCPDISCOVER = 1;
export const DHCPOFFER = 2;
export const DHCPREQUEST = 3;
export const DHCPDECLINE = 4;
export const DHCPACK = 5;
export const DHCPNAK = 6;
export const DHCPRELEASE = 7;
export const DHCPINFORM = 8;

/** Option codes. RFC 2132, and what later RFCs have added. */
export const DhcpOpt = {
  pad: 0,
  netmask: 1,
  timeOffset: 2,
  router: 3,
  dnsServer: 6,
  hostName: 12,
  domainName: 15,
  mtu: 26,
  broadcast: 28,
  vendorEncapsulated: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  requestList: 55,
  message: 56,
  maxMessageSize: 57,
  t1: 58,
  t2: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFileName: 67,
  userClass: 77,
  rapidCommit: 80,
  clientFqdn: 81,
  agentInformation: 82,
  clientArch: 93,
  clientUuid: 97,
  subnetSelection: 118,
  domainSearch: 119,
  classlessRoutes: 121,
  vendorIdentifyingClass: 124,
  vendorIdentifyingOptions: 125,
  mudUrl: 161,
  end: 255,
} as const;

/** Seconds that mean for ever. RFC 2131 section 3.3. */
export const LEASE_INFINITE = 0xffff_ffff;
