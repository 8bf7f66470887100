import type { ConformanceSet, Row } from '../conformance-set.ts';
import { playLibvirt } from '../libvirt/play-libvirt.ts';
import type { LibvirtRow } from '../libvirt/rows.ts';

/** libvirt's own test data of networks, and what a real daemon did with it. */
export const set: ConformanceSet = {
  play: (row: Row) => playLibvirt(row as LibvirtRow),
};
