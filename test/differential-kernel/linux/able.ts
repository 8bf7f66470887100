import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why the real kernel cannot be asked here; undefined if it can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'there is no Linux here';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (!existsSync('/usr/bin/python3'))
    return 'there is no /usr/bin/python3, which plays the Linux side';
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  for (const tool of ['ip', 'iptables-restore', 'iptables-save', 'ip6tables-restore', 'unshare'])
    if (spawnSync(tool, ['--version']).error !== undefined) return `there is no ${tool}`;
  const { status } = spawnSync('unshare', ['-n', 'cat', '/proc/net/nf_conntrack']);
  return status === 0
    ? undefined
    : 'the kernel does not make network namespaces with connection tracking for us';
}
