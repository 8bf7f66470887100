import type { TargetExtension } from '../core/extension.ts';

/** The targets that iptables has here. */
export const TARGETS: readonly TargetExtension[] = [];
