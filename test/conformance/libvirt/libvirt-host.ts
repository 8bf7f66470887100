import { devOpen } from '@labwire/devices/link';
import { ConformanceHost, type Ran } from '../host.ts';

/** A machine with a daemon that was just started. */
export class LibvirtHost {
  readonly #host: ConformanceHost = new ConformanceHost();

  /**
   * Starts the daemon. Of its networks none is left; one has run, so libvirt's chains are there, as they were for the rows.
   * So was a directory for TFTP, without which dnsmasq would not have started.
   */
  static async start(): Promise<LibvirtHost> {
    const host = new LibvirtHost();
    const { machine } = host.#host;
    devOpen(machine.kernel.initNetns.loopback);
    for (const pkg of machine.available.values()) machine.layOut(pkg);
    await host.shell('mkdir -p /var/lib/tftproot; libvirtd -d');
    await host.shell('virsh net-undefine default');
    host.write('/tmp/first.xml', '<network><name>first</name></network>');
    await host.shell('virsh net-create /tmp/first.xml && virsh net-destroy first');
    return host;
  }

  /** Runs a line as root. */
  shell(line: string): Promise<Ran> {
    return this.#host.run(this.#host.machine.kernel.initNetns, ['bash', '-c', line]);
  }

  /** Puts text in a file. */
  write(path: string, text: string): void {
    this.#host.machine.fs.writeFile(path, text);
  }

  /** A file's text; null if there is none, or nothing in it. */
  read(path: string): string | null {
    const { fs } = this.#host.machine;
    return fs.exists(path) ? fs.readText(path) || null : null;
  }

  /** Defines a network. */
  define(xml: string): Promise<Ran> {
    this.write('/tmp/network.xml', xml);
    return this.shell('virsh net-define /tmp/network.xml');
  }
}

/** The name of the network that an XML text defines. */
export function networkName(xml: string): string {
  return (/<name>([^<]*)<\/name>/.exec(xml)?.[1] ?? '')
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

/** A word as the shell reads it back. */
export function quoted(word: string): string {
  return `'${word.replace(/'/g, "'\\''")}'`;
}
