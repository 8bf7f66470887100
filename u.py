import socket,sys,errno,time
def t(f):
    a=time.time()
    try: r=f()
    except OSError as e: r=errno.errorcode[e.errno]
    return (r, 'slow' if time.time()-a>0.3 else 'fast')
for fam,dsts in ((socket.AF_INET,['10.6.0.5','10.6.0.6','10.6.0.7','10.6.0.8']),(socket.AF_INET6,['fd00::5','fd00::6','fd00::7'])):
  for d in dsts:
    s=socket.socket(fam,socket.SOCK_DGRAM); 
    print(d,'udp connected', t(lambda:s.connect((d,9))), t(lambda:s.send(b'x')), t(lambda:s.send(b'x')), s.getsockopt(socket.SOL_SOCKET,socket.SO_ERROR))
    s=socket.socket(fam,socket.SOCK_DGRAM)
    print(d,'udp unconnected', t(lambda:s.sendto(b'x',(d,9))), t(lambda:s.sendto(b'x',(d,9))), s.getsockopt(socket.SOL_SOCKET,socket.SO_ERROR))
    s=socket.socket(fam,socket.SOCK_STREAM); s.settimeout(2)
    print(d,'tcp blocking', t(lambda:s.connect((d,9))))
    s=socket.socket(fam,socket.SOCK_STREAM); s.setblocking(False)
    print(d,'tcp nonblocking', t(lambda:s.connect((d,9))), s.getsockopt(socket.SOL_SOCKET,socket.SO_ERROR))
