import type { DebPackage, Program } from '../machine/index.ts';
import { cat } from './cat.ts';
import { comm } from './comm.ts';
import { cp, install, mv } from './copy.ts';
import { cut } from './cut.ts';
import { dd } from './dd.ts';
import { base64, md5sum, sha1sum, sha256sum, sha512sum } from './digest.ts';
import { echo, false_, printf, test, true_, yes } from './echo.ts';
import { expr } from './expr.ts';
import { chmod, ln, mkdir, rm, rmdir, touch } from './files.ts';
import { head, tac, tee, uniq, wc } from './filters.ts';
import { ls } from './ls.ts';
import { od } from './od.ts';
import { chgrp, chown } from './ownership.ts';
import { basename, date, dirname, nl, paste, readlink, realpath, seq, sleep } from './small.ts';
import { sort } from './sort.ts';
import { stat } from './stat.ts';
import {
  env,
  groups,
  id,
  mktemp,
  nohup,
  nproc,
  printenv,
  pwd,
  sync,
  timeout,
  tty,
  uname,
  whoami,
} from './system.ts';
import { tail } from './tail.ts';
import { tr } from './tr.ts';

const PROGRAMS: Readonly<Record<string, Program>> = {
  base64,
  basename,
  cat,
  chgrp,
  chmod: chmod,
  chown,
  comm,
  cp,
  cut,
  date,
  dd,
  dir: ls,
  dirname,
  echo,
  env,
  expr,
  false: false_,
  groups,
  head,
  id,
  install,
  ln,
  ls,
  md5sum,
  mkdir,
  mktemp,
  mv,
  nl,
  nohup,
  nproc,
  od,
  paste,
  printenv,
  printf,
  pwd,
  readlink,
  realpath,
  rm,
  rmdir,
  seq,
  sha1sum,
  sha256sum,
  sha512sum,
  sleep,
  sort,
  stat,
  sync,
  tac,
  tail,
  tee,
  test,
  '[': test,
  timeout,
  touch,
  tr,
  true: true_,
  tty,
  uname,
  uniq,
  wc,
  whoami,
  yes,
};

/** coreutils: the GNU core utilities. */
export const coreutilsPackage: DebPackage = {
  name: 'coreutils',
  version: '9.1-1',
  description: 'GNU core utilities',
  preinstalled: true,
  programs: Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, program]) => [`/usr/bin/${name}`, program]),
  ),
};
