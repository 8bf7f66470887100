import { baseFilesPackage } from '../base/index.ts';
import { bashPackage, dashPackage } from '../bash/index.ts';
import { coreutilsPackage } from '../coreutils/index.ts';
import type { DebPackage } from '../machine/index.ts';

/** All packages of a Debian machine: those that are installed on a fresh one, and those that apt can bring. In order of installation. */
export const debianPackages: readonly DebPackage[] = [
  baseFilesPackage,
  bashPackage,
  dashPackage,
  coreutilsPackage,
];
