export { ipTunnel } from './tunnel.ts';
