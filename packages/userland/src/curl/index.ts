import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { curl as program } from './curl.ts';
import { CURL_OPTIONS } from './options.ts';

/** curl(1). */
export const curl: DebPackage = {
  name: 'curl',
  version: '7.88.1-10+deb12u15',
  description: 'command line tool for transferring data with URL syntax',
  preinstalled: true,
  programs: { '/usr/bin/curl': withOptions(program, CURL_OPTIONS) },
};
