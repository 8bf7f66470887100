#!/usr/bin/env python3
"""Three network namespaces of this machine's kernel, driven from standard input, for on-linux.ts.

The first line is a JSON object: {"setup": {"inside": [commands], "nat": [...], "outside": [...]}, "router": [commands]}.
Every other line is a request: {"send": machine, "hex": packet}, {"run": command}, {"pass": seconds}. Each is answered by a
line. Nothing is done outside the namespaces made here, which go with this process. Needs root, iproute2, iptables.
"""
import ctypes, json, os, select, signal, socket, subprocess, sys, time

MACHINES = ('inside', 'nat', 'outside')
ETH_P_IP, IPPROTO_RAW, PACKET_OUTGOING, CLONE_NEWNET = 0x0800, 255, 4, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
tag = f'lw{os.getpid()}'


def ns(machine):
    return f'{tag}-{machine}'


def sh(machine, command, check=True):
    done = subprocess.run(['ip', 'netns', 'exec', ns(machine), 'sh', '-c', command], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if check and done.returncode != 0:
        raise SystemExit(f'{machine}: {command}: {done.stdout}{done.stderr}')
    return done


def socket_in(machine, *args):
    here = os.open('/proc/self/ns/net', os.O_RDONLY)
    there = os.open(f'/run/netns/{ns(machine)}', os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')
        return socket.socket(*args)
    finally:
        libc.setns(here, CLONE_NEWNET)
        os.close(here)
        os.close(there)


def build(request):
    for machine in MACHINES:
        subprocess.run(['ip', 'netns', 'add', ns(machine)], check=True)
        sh(machine, 'ip link set lo up; sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1')
    sh('nat', f'ip link add lan type veth peer name eth0 netns {ns("inside")} && ip link add wan type veth peer name eth0 netns {ns("outside")}')
    for machine in MACHINES:
        for command in request['setup'][machine]:
            sh(machine, command)
    sh('nat', 'ethtool -K lan tx off; ethtool -K wan tx off', check=False)
    time.sleep(0.2)
    for command in request['router']:
        sh('nat', command)


def main():
    request = json.loads(sys.stdin.readline())
    build(request)
    ears = {socket_in(m, socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP)): m for m in ('inside', 'outside')}
    for ear, machine in ears.items():
        ear.bind(('eth0', ETH_P_IP))
    if request.get('listen'):
        for proto in (1, 6, 17):
            ears[socket_in('nat', socket.AF_INET, socket.SOCK_RAW, proto)] = 'nat'
    mouths = {m: socket_in(m, socket.AF_INET, socket.SOCK_RAW, IPPROTO_RAW) for m in MACHINES}
    print(json.dumps({'ready': True}), flush=True)
    for line in sys.stdin:
        r = json.loads(line)
        if 'send' in r:
            packet = bytes.fromhex(r['hex'])
            try:
                mouths[r['send']].sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))
            except OSError:
                pass  # no route: the packet is lost
            answer = {}
        elif 'run' in r:
            done = sh('nat', r['run'], check=False)
            answer = {'code': done.returncode, 'output': done.stdout + done.stderr}
        else:
            arrived, end = [], time.time() + r['pass']
            while time.time() < end:
                for ear in select.select(list(ears), [], [], max(0, end - time.time()))[0]:
                    packet, address = ear.recvfrom(65536)
                    if ears[ear] != 'nat' and address[2] == PACKET_OUTGOING:
                        continue
                    arrived.append([ears[ear], packet.hex()])
            answer = {'arrived': arrived}
        print(json.dumps(answer), flush=True)


def clean():
    for machine in MACHINES:
        pids = subprocess.run(['ip', 'netns', 'pids', ns(machine)], capture_output=True, text=True).stdout.split()
        for pid in map(int, pids):
            if pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
        subprocess.run(['ip', 'netns', 'del', ns(machine)], capture_output=True)


try:
    main()
finally:
    clean()
