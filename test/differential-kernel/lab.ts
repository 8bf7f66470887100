import { answerFrame } from './model/answer.ts';
import { type Case, earlySettings, type Observed, rulesOf } from './model/case.ts';

/** How long the captures at the hosts run. */
const CAPTURE_SECONDS = 4;

/**
 * A case as a lab: the hosts send raw frames by socat, and capture what comes back. Answers stand as the bytes that they
 * were on the real kernel.
 */
export function labText(title: string, test: Case, linux: Observed): string {
  const v6 = test.family === 'inet6';
  const xtables = v6 ? 'ip6tables' : 'iptables';
  const devices = Array.from({ length: test.devices }, (_, i) => i);
  return [
    '---',
    `title: ${JSON.stringify(title)}`,
    'machines:',
    '  router:',
    `    sysctl: ${JSON.stringify(sysctls(test))}`,
    `    files: { /root/rules: ${JSON.stringify(rulesOf(test).at(-1))} }`,
    `    interfaces: { ${devices.map((i) => `eth${i}: { link: l${i} }`).join(', ')} }`,
    `    run: ${JSON.stringify(test.ip.filter((l) => !l.startsWith('link set lo')).map((l) => `ip ${l}`))}`,
    ...devices.map((i) => `  h${i}: { sysctl: ${QUIET}, interfaces: { eth0: { link: l${i} } } }`),
    '---',
    '',
    `# ${title}`,
    '',
    '```console may-fail',
    `router# ${xtables}-restore /root/rules`,
    ...test.sockets.map(
      ({ protocol, port }) =>
        `router# timeout ${CAPTURE_SECONDS} nc -${v6 ? '6' : ''}lk${protocol === 'udp' ? 'u' : ''} ${port} > /dev/null &`,
    ),
    ...devices.map(
      (i) =>
        `h${i}# timeout ${CAPTURE_SECONDS} tcpdump -i eth0 -Q in -t -xx -n -v > got 2> /dev/null &`,
    ),
    'router# sleep 1',
    ...frames(test, linux).map(
      ([dev, hex]) => `h${dev}# printf '${escaped(hex)}' | socat -u - INTERFACE:eth0`,
    ),
    `router# sleep ${CAPTURE_SECONDS}`,
    ...devices.map((i) => `h${i}# cat got`),
    `router# ${xtables}-save -c | grep -v '^#'`,
    "router# sed 's/ use=.*//' /proc/net/nf_conntrack",
    '```',
    '',
  ].join('\n');
}

const QUIET = '{ net.ipv6.conf.all.disable_ipv6: 1, net.ipv6.conf.default.disable_ipv6: 1 }';

function sysctls(test: Case): Record<string, string> {
  const all = [...earlySettings(test), ...test.sysctls];
  return Object.fromEntries(
    all.map(([name, value]) => [name.replaceAll('/', '.'), value] as const),
  );
}

const escaped = (hex: string): string => hex.replace(/../g, '\\x$&');

function frames(test: Case, linux: Observed): (readonly [dev: number, hex: string])[] {
  return test.steps.flatMap((step): (readonly [number, string])[] => {
    if (step.kind === 'frame') return [[step.dev, step.frame]];
    const [first] = linux.frames.get(step.to) ?? [];
    const answer = first === undefined ? undefined : answerFrame(first[1], step.how);
    return first === undefined || answer === undefined ? [] : [[first[0], answer]];
  });
}
