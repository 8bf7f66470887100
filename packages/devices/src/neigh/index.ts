export { ArpResolver } from './arp.ts';
export {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  Neigh,
  type NeighUpdateError,
} from './neigh.ts';
export {
  type Edge,
  isConnected,
  isInTimer,
  isValid,
  NEIGH_EDGES,
  type NeighAction,
  type NeighEvent,
  type NeighMachine,
  type Nud,
  stepNeigh,
} from './neigh-machine.ts';
export { NeighParams } from './neigh-params.ts';
export {
  NeighCounters,
  type NeighLimits,
  type NeighProxy,
  type NeighResolver,
  NeighTable,
} from './neigh-table.ts';
export { ProxyQueue } from './proxy-queue.ts';
