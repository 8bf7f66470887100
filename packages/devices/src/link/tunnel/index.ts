export { loadTunnelModule, tunnelTable } from './fallback.ts';
export { ARPHRD_IPGRE, ARPHRD_SIT, ARPHRD_TUNNEL, IpTunnel } from './ip-tunnel.ts';
export {
  GRE_CSUM,
  GRE_KEY,
  GRE_SEQ,
  plainParms,
  type TunnelKind,
  type TunnelParms,
  tunnelParms,
} from './parms.ts';
