import type { DomainDef, XmlNode } from '../conf/index.ts';

/** Kibibytes of a mebibyte. */
const MIB = 1024;

/** The command line that `ps` shows of a domain's QEMU, as far as it concerns networks. qemuBuildCommandLine() */
export function emulatorCommand(def: DomainDef, id: number): string[] {
  const memory = Math.ceil(def.memory / MIB);
  return [
    def.all('emulator')[0]?.text ?? '',
    '-name',
    `guest=${def.name},debug-threads=on`,
    '-S',
    '-machine',
    `${def.machine},usb=off,dump-guest-core=off,memory-backend=pc.ram`,
    '-accel',
    def.virtType === 'kvm' ? 'kvm' : 'tcg',
    '-m',
    String(memory),
    '-smp',
    `${def.vcpus},sockets=${def.vcpus},cores=1,threads=1`,
    '-uuid',
    def.uuid,
    '-no-user-config',
    '-nodefaults',
    '-chardev',
    `socket,id=charmonitor,path=/var/lib/libvirt/qemu/domain-${id}-${def.name}/monitor.sock,server=on,wait=off`,
    ...def.all('interface').flatMap(netOptions),
    '-msg',
    'timestamp=on',
  ];
}

function netOptions(node: XmlNode, i: number): string[] {
  const model = node.child('model')?.attr('type') ?? '';
  const device = {
    driver: model === 'virtio' ? 'virtio-net-pci' : model,
    netdev: `hostnet${i}`,
    id: `net${i}`,
    mac: node.child('mac')?.attr('address'),
  };
  const type = node.attr('type') === 'user' ? 'user' : 'tap';
  return [
    '-netdev',
    JSON.stringify({ type, id: `hostnet${i}` }),
    '-device',
    JSON.stringify(device),
  ];
}
