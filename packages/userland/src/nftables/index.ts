import { type DebPackage, withManual } from '../machine/index.ts';
import { nftManual } from './command/options.ts';
import { nft } from './program.ts';

/** nft 1.0.6 as Debian 12 ships it. */
export const nftables: DebPackage = {
  name: 'nftables',
  version: '1.0.6-2+deb12u2',
  preinstalled: true,
  programs: { '/usr/sbin/nft': withManual(nft, nftManual) },
};
