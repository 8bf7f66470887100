import type { MatchExtension } from '../core/extension.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';

/** The matches that iptables has here. */
export const MATCHES: readonly MatchExtension[] = [tcp, udp];
