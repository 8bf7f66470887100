export type { Channel, LocalEnd, LocalListener } from './channel.ts';
export { createCluster, pgCreateCluster } from './cluster.ts';
export { pgCtlCluster, pgLsClusters, postgres, startCluster } from './programs.ts';
