/** Carries out a command. conntrack-tools src/conntrack.c, do_command_ct() */
import { KernelError } from '@labwire/core/error';
import {
  type CtInfo,
  type CtRequest,
  ctDelete,
  ctDump,
  ctFlush,
  ctGet,
  ctInfo,
  ctNew,
} from '@labwire/devices/conntrack';
import type { CommandLine } from './command-line/index.ts';
import { COMPARISON, O_SAVE, O_XML, usage } from './command-line/index.ts';
import { BANNER, ConntrackError, OTHER_PROBLEM, parameterProblem, VERSION } from './error.ts';
import { events } from './events.ts';
import { checkMasks, passes, passesNat, passesNetwork, sameOrig, sameReply } from './filter.ts';
import { expectationLine } from './print/index.ts';
import { createRequest, getRequest } from './request.ts';
import { ask, entry, type Run, XML_HEAD, XML_TAIL } from './session.ts';

async function list(run: Run): Promise<void> {
  const { line, proc } = run;
  if (line.otherList) return;
  const zero = line.given.has('z');
  if (zero && [...COMPARISON].some((letter) => line.given.has(letter)))
    throw parameterProblem("Can't use -z with filtering parameters");
  checkMasks(line);
  const { status, statusMask, mark } = line.template;
  const all = ask(run, () =>
    ctDump(proc.netns, {
      family: line.family,
      zero,
      mark: line.given.has('m') ? mark : undefined,
      status: status === undefined ? undefined : { value: status, mask: statusMask },
    }),
  );
  await showAll(
    run,
    all.filter((ct) => passes(line, ct)),
  );
}

async function showAll(run: Run, found: readonly CtInfo[]): Promise<void> {
  const { line, report } = run;
  const isXml = (line.output & (O_XML | O_SAVE)) === O_XML && found.length > 0;
  if (isXml) await report.out(XML_HEAD);
  for (const ct of found) {
    await report.out(`${entry(run, ct, 1, 'NEW')}\n`);
    run.count++;
  }
  if (isXml) {
    await report.out(XML_TAIL);
    await report.flush();
  }
}

/** The request that names an entry which was listed. */
function naming(ct: CtInfo): CtRequest {
  const { orig, reply, zone, zoneDirs, id } = ct;
  return { orig, reply, zone, zoneDirs, id };
}

/** The kernel gives the second socket of a process a number above 2^31. `netlink_autobind()` */
function secondPort({ proc }: Run): number {
  return 0x8000_0000 + proc.machine.kernel.random.below(0x7fff_f000);
}

async function remove(run: Run): Promise<void> {
  const { line, proc, report } = run;
  checkMasks(line);
  const filter = {
    family: line.family,
    mark: line.given.has('m') ? line.template.mark : undefined,
  };
  const port = secondPort(run);
  for (const ct of ask(run, () => ctDump(proc.netns, filter)).filter((c) => passes(line, c))) {
    ask(run, () => ctDelete(proc.netns, naming(ct), port));
    await report.out(`${entry(run, ct, 1, 'DESTROY')}\n`);
    run.count++;
  }
}

/** What an entry is to become; undefined if nothing would change. */
function updated({ line }: Run, ct: CtInfo): CtRequest | undefined {
  const { given, template: t } = line;
  const mark = given.has('m') ? ((ct.mark & ~t.mark.mask) ^ t.mark.value) >>> 0 : undefined;
  const status = t.status === undefined ? undefined : ct.status | t.status;
  const same =
    (mark ?? ct.mark) === ct.mark &&
    (status ?? ct.status) === ct.status &&
    (t.timeout ?? ct.timeout) === ct.timeout &&
    (t.state ?? ct.state) === ct.state;
  if (same) return undefined;
  return { ...naming(ct), id: undefined, mark, status, timeout: t.timeout, state: t.state };
}

/**
 * Changes entries. The answers to its two requests about each, a change and a look at what came of it, are read one by one
 * from a socket that gets three messages of them: after the first entry every reading is one behind, and what is printed
 * depends on where an entry's own message meets the reading of a look.
 */
async function update(run: Run): Promise<void> {
  const { line, proc, report } = run;
  checkMasks(line);
  const port = secondPort(run);
  const inbox: (CtInfo | 'ack')[] = [];
  for (const ct of ask(run, () => ctDump(proc.netns, {})).filter((c) => meantForUpdate(line, c))) {
    const request = updated(run, ct);
    if (request === undefined) continue;
    await change(run, request, port);
    inbox.push('ack');
    inbox.shift();
    const now = ask(run, () => ctGet(proc.netns, naming(ct)));
    inbox.push(ctInfo(now, proc.now), 'ack');
    const read = inbox.shift();
    if (read !== undefined && read !== 'ack') await report.out(`${entry(run, read, 2, 'NEW')}\n`);
    run.count++;
  }
}

/** @throws ConntrackError also if no family was given: the request then is of none */
async function change(run: Run, request: CtRequest, port: number): Promise<void> {
  const { line, proc, report } = run;
  try {
    ask(run, () => {
      if (line.family === undefined) throw new KernelError('EOPNOTSUPP');
      ctNew(proc.netns, request, { create: false, excl: false }, port);
    });
  } catch (e) {
    if (e instanceof ConntrackError) await report.err(`${e.message}\n`);
    throw e;
  }
}

function meantForUpdate(line: CommandLine, ct: CtInfo): boolean {
  const { given, template: t } = line;
  if (!passesNat(line, ct) || !passesNetwork(line, ct)) return false;
  if (t.id !== undefined && t.id !== ct.id) return false;
  if (['s', 'd', 'p'].some((o) => given.has(o)) && !sameOrig(line, ct)) return false;
  return !['r', 'q', 'p'].some((o) => given.has(o)) || sameReply(line, ct);
}

function create(run: Run): void {
  const { line, proc } = run;
  try {
    ask(run, () => ctNew(proc.netns, createRequest(line), { create: true, excl: true }, proc.pid));
    run.count++;
  } catch (e) {
    const exists = e instanceof ConntrackError && e.message === 'Operation failed: File exists';
    if (line.command !== 'A' || !exists) throw e;
  }
}

async function get(run: Run): Promise<void> {
  const { line, proc, report } = run;
  const ct = ask(run, () => ctInfo(ctGet(proc.netns, getRequest(line)), proc.now));
  if ((line.output & O_XML) !== 0) await report.out(XML_HEAD);
  await report.out(`${entry(run, ct, 2, 'NEW')}\n`);
  run.count++;
}

/** Whatever -f says: the request's version has the kernel not look at it. */
async function flush(run: Run): Promise<void> {
  const { proc, report } = run;
  ask(run, () => ctFlush(proc.netns, proc.pid));
  await report.err(`${BANNER}connection tracking table has been emptied.\n`);
}

async function stats({ proc, report }: Run): Promise<void> {
  const s = proc.netns.netfilter.conntrack.stats;
  const figures: readonly (readonly [string, number])[] = [
    ['found', s.found],
    ['invalid', s.invalid],
    ['insert', s.insert],
    ['insert_failed', s.insertFailed],
    ['drop', s.drop],
    ['early_drop', s.earlyDrop],
    ['error', s.error],
    ['search_restart', s.searchRestart],
    ['clash_resolve', s.clashResolve],
    ['chaintoolong', s.chainToolong],
  ];
  await report.out(`cpu=0   \t${figures.map(([name, n]) => `${name}=${n} `).join('')}\n`);
}

async function expectStats({ proc, report }: Run): Promise<void> {
  const { created, deleted } = proc.netns.netfilter.conntrack.expectations;
  await report.out(`cpu=0   \texpect_new=0 expect_create=${created} expect_delete=${deleted} \n`);
}

async function listExpectations(run: Run): Promise<void> {
  const { line, proc, report } = run;
  const all = ask(run, () => proc.netns.netfilter.conntrack.expectations.list());
  if ((line.output & O_XML) !== 0 && all.length > 0)
    throw new ConntrackError(
      OTHER_PROBLEM,
      'Labwire does not print expectations as XML; supported: the plain listing',
    );
  for (const e of all) {
    if ((typeof e.dst === 'number') !== (line.family === 'inet')) continue;
    await report.out(`${expectationLine(e, proc.now)}\n`);
    run.count++;
  }
}

async function flushExpectations(run: Run): Promise<void> {
  ask(run, () => run.proc.netns.netfilter.conntrack.expectations.flush());
  await run.report.err(`${BANNER}expectation table has been emptied.\n`);
}

/** Expectations come from helpers alone. */
function refuseExpectation(run: Run): never {
  if (run.line.command === 'XI') ask(run, () => ctGet(run.proc.netns, getRequest(run.line)));
  throw new ConntrackError(
    OTHER_PROBLEM,
    'Labwire does not create, get, delete or watch expectations by hand; supported: -L, -F, -C and -S expect',
  );
}

async function help({ line, report }: Run): Promise<void> {
  const p = line.protocol;
  await report.out(usage(p === undefined ? undefined : { p, name: p.name }));
}

/** Does what the command line asks. @throws ConntrackError */
export async function runCommand(run: Run): Promise<void> {
  const { line, proc, report } = run;
  const { conntrack } = proc.netns.netfilter;
  switch (line.command) {
    case 'L':
      return list(run);
    case 'I':
    case 'A':
      return create(run);
    case 'U':
      return update(run);
    case 'D':
      return remove(run);
    case 'G':
      return get(run);
    case 'F':
      return flush(run);
    case 'E':
      checkMasks(line);
      return events(run);
    case 'C':
      return report.out(`${ask(run, () => conntrack.list().length)}\n`);
    case 'S':
      return stats(run);
    case 'XL':
      return listExpectations(run);
    case 'XF':
      return flushExpectations(run);
    case 'XC':
      return report.out(`${ask(run, () => conntrack.expectations.list().length)}\n`);
    case 'XS':
      return expectStats(run);
    case 'XI':
    case 'XD':
    case 'XG':
    case 'XE':
      return refuseExpectation(run);
    case 'V':
      return report.out(`conntrack v${VERSION} (conntrack-tools)\n`);
    default:
      return help(run);
  }
}
