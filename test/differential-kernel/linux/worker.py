"""The real kernel's side of the differential fuzzer: one network namespace a case, TAP devices as the world outside.

Reads requests, one JSON object a line, from standard input; answers each with one line. Each case begins in a network
namespace that nobody has used; nothing outside of it is touched. The last namespace dies with the process.
"""
import ctypes, errno, fcntl, json, os, socket, struct, subprocess, sys, threading, time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
FRAME_MAX = 70000
IFA_F_TENTATIVE = 0x40
WAITS = 400
libc = ctypes.CDLL(None, use_errno=True)


class Case:
    def __init__(self):
        self.taps = []
        self.sockets = []

    def close(self):
        for sock in self.sockets:
            sock.close()
        # the kernel waits here for a grace period: others may work meanwhile
        fds = self.taps
        self.taps, self.sockets = [], []
        threading.Thread(target=lambda: [os.close(fd) for fd in fds]).start()

    def begin(self, request):
        self.close()
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'unshare')
        for name, value in request['early']:
            write('/proc/sys/' + name, value)
        for name in request['devices']:
            fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TAP | IFF_NO_PI))
            self.taps.append(fd)
        failed = []
        for command in request['commands']:
            done = subprocess.run(command['argv'], input=command['stdin'], capture_output=True, text=True)
            if done.returncode != 0:
                failed.append([command['argv'][0], done.returncode, done.stderr])
        for name, value in request['sysctls']:
            try:
                write('/proc/sys/' + name, value)
            except OSError as e:
                failed.append([name, e.errno, os.strerror(e.errno)])
        wait_for_addresses()
        for spec in request['sockets']:
            self.sockets.append(open_socket(spec))
        self.drain()
        return {'failed': failed}

    def drain(self):
        frames = []
        for dev, fd in enumerate(self.taps):
            while True:
                try:
                    frames.append([dev, os.read(fd, FRAME_MAX).hex()])
                except OSError:  # nothing there, or the device is down
                    break
        return frames

    def play(self, request):
        out = []
        for dev, frame in request['frames']:
            try:
                os.write(self.taps[dev], bytes.fromhex(frame))
            except OSError:  # EINVAL: no Ethernet header; EIO: down
                pass
            out.append(self.drain())
            if request['pause']:
                time.sleep(request['pause'] / 1000)
        return {'out': out}

    def end(self, request):
        read = []
        for name in request['files']:
            with open(name) as f:
                read.append(f.read())
        printed = [subprocess.run(argv, capture_output=True, text=True).stdout for argv in request['commands']]
        return {'files': read, 'printed': printed, 'received': [receive(s) for s in self.sockets]}


def wait_for_addresses():
    """The kernel makes an IPv6 address usable, and its route, by work that it puts off."""
    for _ in range(WAITS):
        with open('/proc/net/ipv6_route') as f:
            hosts = {line[:32] for line in f if line[33:35] == '80'}
        with open('/proc/net/if_inet6') as f:
            addresses = [line.split() for line in f]
        if all(a[0] in hosts and int(a[4], 16) & IFA_F_TENTATIVE == 0 for a in addresses):
            return
        time.sleep(0.005)


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


def open_socket(spec):
    family = socket.AF_INET6 if spec['family'] == 'inet6' else socket.AF_INET
    kind = socket.SOCK_DGRAM if spec['protocol'] == 'udp' else socket.SOCK_STREAM
    sock = socket.socket(family, kind)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((spec.get('address', '::' if family == socket.AF_INET6 else '0.0.0.0'), spec['port']))
    sock.setblocking(False)
    if kind == socket.SOCK_STREAM:
        sock.listen(8)
    return sock


def receive(sock):
    got = []
    while sock.type == socket.SOCK_DGRAM:
        try:
            data, peer = sock.recvfrom(FRAME_MAX)
            got.append([peer[0], peer[1], data.hex()])
        except OSError as e:
            if e.errno == 11:
                break
            got.append(['error', 0, errno.errorcode[e.errno]])
    return got


def main():
    case = Case()
    for line in sys.stdin:
        request = json.loads(line)
        answer = getattr(case, request['do'])(request)
        sys.stdout.write(json.dumps(answer) + '\n')
        sys.stdout.flush()


main()
