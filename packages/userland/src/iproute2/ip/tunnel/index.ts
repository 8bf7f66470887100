export { ipTunnel, tunnelManual } from './tunnel.ts';
