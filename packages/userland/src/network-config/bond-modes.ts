/** Bond modes by name. Linux drivers/net/bonding/bond_options.c, bond_mode_tbl */
export const BOND_MODES: readonly string[] = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
];
