/** States of a neighbour. RFC 4861 section 7.3.2; Linux include/uapi/linux/neighbour.h, NUD_*. */
export type Nud =
  | 'none'
  | 'incomplete'
  | 'reachable'
  | 'stale'
  | 'delay'
  | 'probe'
  | 'failed'
  | 'noarp'
  | 'permanent';

/**
 * What moves a neighbour by itself: a packet for it, or its timer, which first looks why it ran out.
 * `confirmed`: it was confirmed meanwhile; `recent`: it was used within the delay; `exhausted`: all probes are spent.
 */
export type NeighEvent = 'use' | 'timeout' | 'confirmed' | 'recent' | 'exhausted';

/** What is done on entering a state. */
export type NeighAction =
  | 'firstProbe'
  | 'restartProbes'
  | 'armRetrans'
  | 'armReachable'
  | 'armDelay'
  | 'solicit'
  | 'fail';

/** Where an event leads, and what is done on the way. */
export type Edge = readonly [next: Nud, ...actions: NeighAction[]];

/** What {@link stepNeigh} moves: a state, and who carries out actions. */
export interface NeighMachine {
  nud: Nud;
  run(action: NeighAction): void;
}

const ASK: Edge = ['incomplete', 'firstProbe', 'armRetrans', 'solicit'];
const GIVE_UP: Edge = ['failed', 'fail'];
const OK: Edge = ['reachable', 'armReachable'];
const DELAY: Edge = ['delay', 'armDelay'];

/**
 * RFC 4861 section 7.3.3, with the kernel's lazy timers. An event with no edge changes nothing.
 * Linux net/core/neighbour.c, __neigh_event_send() and neigh_timer_handler().
 */
export const NEIGH_EDGES: Readonly<Record<Nud, { readonly [E in NeighEvent]?: Edge }>> = {
  none: { use: ASK },
  incomplete: { timeout: ['incomplete', 'armRetrans', 'solicit'], exhausted: GIVE_UP },
  reachable: { confirmed: OK, recent: DELAY, timeout: ['stale'] },
  stale: { use: DELAY },
  delay: { confirmed: OK, timeout: ['probe', 'restartProbes', 'armRetrans', 'solicit'] },
  probe: { timeout: ['probe', 'armRetrans', 'solicit'], exhausted: GIVE_UP },
  failed: { use: ASK },
  noarp: {},
  permanent: {},
};

/** Takes one edge: no clock, no I/O, no allocation. @returns whether the state has changed */
export function stepNeigh(machine: NeighMachine, event: NeighEvent): boolean {
  const was = machine.nud;
  const edge = NEIGH_EDGES[was][event];
  if (edge === undefined) return false;
  machine.nud = edge[0];
  for (let i = 1; i < edge.length; i++) machine.run(edge[i] as NeighAction);
  return machine.nud !== was;
}

/** Whether packets may be sent without another thought. NUD_CONNECTED */
export function isConnected(nud: Nud): boolean {
  return nud === 'reachable' || nud === 'noarp' || nud === 'permanent';
}

/** Whether the link-layer address is known. NUD_VALID */
export function isValid(nud: Nud): boolean {
  return nud === 'stale' || nud === 'delay' || nud === 'probe' || isConnected(nud);
}

/** Whether the state ends by time. NUD_IN_TIMER */
export function isInTimer(nud: Nud): boolean {
  return nud === 'incomplete' || nud === 'reachable' || nud === 'delay' || nud === 'probe';
}
