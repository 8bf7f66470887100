/** An operating system that libosinfo knows: what it asks of a machine. */
export interface OsInfo {
  readonly name: string;
  /** Empty: none. */
  readonly id: string;
  /** MiB; 0: unknown. */
  readonly ram: number;
  readonly cpus: number;
  /** MiB; 0: unknown. */
  readonly leastRam: number;
  /** GiB; 0: unknown. */
  readonly storage: number;
  readonly virtio: boolean;
  readonly q35: boolean;
}

/** Of Debian 12's osinfo-db: name, id, RAM, CPUs, least RAM, storage, v: has virtio, q: boots q35. */
const TABLE = `almalinux9 http://almalinux.org/almalinux/9 1536 2 1536 20 vq
almalinux8 http://almalinux.org/almalinux/8 1536 2 1536 20 vq
alpinelinux3.17 http://alpinelinux.org/alpinelinux/3.17 768 1 128 4 vq
alpinelinux3.16 http://alpinelinux.org/alpinelinux/3.16 768 1 128 4 vq
alpinelinux3.15 http://alpinelinux.org/alpinelinux/3.15 768 1 128 4 vq
alpinelinux3.14 http://alpinelinux.org/alpinelinux/3.14 768 1 128 4 vq
alpinelinux3.13 http://alpinelinux.org/alpinelinux/3.13 768 1 128 4 vq
alpinelinux3.12 http://alpinelinux.org/alpinelinux/3.12 768 1 128 4 vq
alpinelinux3.11 http://alpinelinux.org/alpinelinux/3.11 768 1 128 4 vq
alpinelinux3.10 http://alpinelinux.org/alpinelinux/3.10 768 1 128 4
archlinux http://archlinux.org/archlinux/rolling 1024 0 512 0 vq
centos8 http://centos.org/centos/8 1536 2 1536 20 vq
centos7.0 http://centos.org/centos/7.0 1024 2 1024 20 vq
centos-stream9 http://centos.org/centos-stream/9 1536 2 1536 20 vq
centos-stream8 http://centos.org/centos-stream/8 1536 2 1536 20 vq
cirros0.5.2 http://cirros-cloud.net/cirros/0.5.2 256 2 128 0 v
cirros0.5.1 http://cirros-cloud.net/cirros/0.5.1 256 2 128 0 v
cirros0.5.0 http://cirros-cloud.net/cirros/0.5.0 256 2 128 0 v
cirros0.4.0 http://cirros-cloud.net/cirros/0.4.0 256 2 128 0 v
debian11 http://debian.org/debian/11 1024 2 1024 20 vq
debian10 http://debian.org/debian/10 1024 2 1024 20 vq
debian9 http://debian.org/debian/9 1024 2 1024 20 vq
debiantesting http://debian.org/debian/testing 1024 2 1024 20 vq
fedora37 http://fedoraproject.org/fedora/37 2048 2 1024 20 vq
fedora36 http://fedoraproject.org/fedora/36 2048 2 1024 20 vq
fedora35 http://fedoraproject.org/fedora/35 2048 2 1024 20 vq
fedora34 http://fedoraproject.org/fedora/34 2048 2 1024 20 vq
fedora33 http://fedoraproject.org/fedora/33 2048 2 1024 20 vq
fedora32 http://fedoraproject.org/fedora/32 2048 2 1024 20 vq
fedora31 http://fedoraproject.org/fedora/31 2048 2 1024 20 vq
fedora30 http://fedoraproject.org/fedora/30 2048 2 1024 20 vq
freebsd13.1 http://freebsd.org/freebsd/13.1 0 0 0 0 v
freebsd13.0 http://freebsd.org/freebsd/13.0 0 0 0 0 v
freebsd12.3 http://freebsd.org/freebsd/12.3 0 0 0 0 v
freebsd12.2 http://freebsd.org/freebsd/12.2 0 0 0 0 v
freebsd12.1 http://freebsd.org/freebsd/12.1 0 0 0 0 v
freebsd12.0 http://freebsd.org/freebsd/12.0 0 0 0 0 v
generic - 0 0 0 0
gentoo http://gentoo.org/gentoo/rolling 512 0 256 5 vq
linux2022 http://libosinfo.org/linux/2022 4096 2 2048 25 vq
linux2020 http://libosinfo.org/linux/2020 4096 2 2048 25 vq
linux2018 http://libosinfo.org/linux/2018 2048 2 2048 15 vq
linux2016 http://libosinfo.org/linux/2016 2048 2 2048 15 v
nixos-22.05 http://nixos.org/nixos/22.05 3072 0 1536 20 vq
nixos-21.11 http://nixos.org/nixos/21.11 3072 0 1536 20 vq
nixos-21.05 http://nixos.org/nixos/21.05 3072 0 1536 20 vq
nixos-20.09 http://nixos.org/nixos/20.09 3072 0 1536 20 vq
nixos-20.03 http://nixos.org/nixos/20.03 3072 0 1536 20 vq
openbsd7.0 http://openbsd.org/openbsd/7.0 0 0 0 0 v
opensuse15.4 http://opensuse.org/opensuse/15.4 2048 2 1024 16 vq
opensuse15.3 http://opensuse.org/opensuse/15.3 2048 2 1024 16 vq
opensuse15.2 http://opensuse.org/opensuse/15.2 2048 2 1024 16 vq
opensuse15.1 http://opensuse.org/opensuse/15.1 2048 2 1024 16 vq
opensuse15.0 http://opensuse.org/opensuse/15.0 2048 2 1024 16 vq
opensusetumbleweed http://opensuse.org/opensuse/tumbleweed 2048 2 1024 20 vq
rhel9.1 http://redhat.com/rhel/9.1 1536 2 1536 20 vq
rhel9.0 http://redhat.com/rhel/9.0 1536 2 1536 20 vq
rhel8.7 http://redhat.com/rhel/8.7 1536 2 1536 20 vq
rhel8.6 http://redhat.com/rhel/8.6 1536 2 1536 20 vq
rhel8.5 http://redhat.com/rhel/8.5 1536 2 1536 20 vq
rhel7.9 http://redhat.com/rhel/7.9 1024 2 1024 20 vq
rocky9 http://rockylinux.org/rocky/9 1536 2 1536 20 vq
rocky8 http://rockylinux.org/rocky/8 1536 2 1536 20 vq
ubuntu22.10 http://ubuntu.com/ubuntu/22.10 4096 2 2048 25 vq
ubuntu22.04 http://ubuntu.com/ubuntu/22.04 4096 2 2048 25 vq
ubuntu21.10 http://ubuntu.com/ubuntu/21.10 4096 2 2048 25 vq
ubuntu21.04 http://ubuntu.com/ubuntu/21.04 4096 2 2048 25 vq
ubuntu20.10 http://ubuntu.com/ubuntu/20.10 4096 2 2048 25 vq
ubuntu20.04 http://ubuntu.com/ubuntu/20.04 4096 2 2048 25 vq
ubuntu18.10 http://ubuntu.com/ubuntu/18.10 2048 2 2048 15 vq
ubuntu18.04 http://ubuntu.com/ubuntu/18.04 2048 2 2048 15 vq
ubuntu16.10 http://ubuntu.com/ubuntu/16.10 1024 2 1024 15 v
ubuntu16.04 http://ubuntu.com/ubuntu/16.04 2048 2 2048 15 v
voidlinux http://voidlinux.org/voidlinux/rolling 192 0 96 0 vq
win11 http://microsoft.com/win/11 8192 4 4096 128 q
win10 http://microsoft.com/win/10 4096 2 2048 40 q
win2k22 http://microsoft.com/win/2k22 2048 2 512 40 q
win2k19 http://microsoft.com/win/2k19 2048 2 512 40 q
`;

const SYSTEMS: readonly OsInfo[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [name = '', id = '', ram, cpus, leastRam, storage, can = ''] = line.split(' ');
    return {
      name,
      id: id === '-' ? '' : id,
      ram: Number(ram),
      cpus: Math.max(1, Number(cpus)),
      leastRam: Number(leastRam),
      storage: Number(storage),
      virtio: can.includes('v'),
      q35: can.includes('q'),
    };
  });

/** What is said to `--osinfo` where nothing is known of the guest. */
export const GENERIC: OsInfo = SYSTEMS.find((os) => os.name === 'generic') as OsInfo;

/** The names, in osinfo's order. */
export function osNames(): string[] {
  return SYSTEMS.map((os) => os.name);
}

export function findOs(name: string): OsInfo | undefined {
  return SYSTEMS.find((os) => os.name === name);
}
