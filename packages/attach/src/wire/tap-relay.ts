/**
 * A program in Perl, which every Debian has, that joins a TAP device of this computer to its own standard input and output, with
 * each frame behind its length as 32 bits, high byte first. A device needs one ioctl, which Node has no call for; and reads
 * that block are at home in a process of their own. Its argument is the device's name; `ready` on standard error says that
 * it has it. Linux Documentation/networking/tuntap.rst
 */
export const TAP_RELAY: string = String.raw`
use strict;
my ($name) = @ARGV;
my $TUNSETIFF = 0x400454ca;
my ($IFF_TAP, $IFF_NO_PI) = (0x0002, 0x1000);
my $MOST = 69632;
open(my $tap, '+<', '/dev/net/tun') or die "/dev/net/tun: $!\n";
my $ifr = pack('Z16 S x22', $name, $IFF_TAP | $IFF_NO_PI);
ioctl($tap, $TUNSETIFF, $ifr) or die "$name: $!\n";
binmode($_) for $tap, *STDIN, *STDOUT;
$tap->blocking(0);
$| = 1;
print STDERR "ready\n";
my ($from_tap, $from_lab) = ('', '');
my $both = '';
vec($both, fileno($tap), 1) = 1;
vec($both, fileno(STDIN), 1) = 1;
while (1) {
  my $ready = $both;
  select($ready, undef, undef, undef) < 0 and next;
  if (vec($ready, fileno($tap), 1)) {
    my ($out, $frames) = ('', 0);
    while ($frames++ < 64 && defined(my $n = sysread($tap, $from_tap, $MOST))) {
      $out .= pack('N', $n) . $from_tap if $n > 0;
    }
    for (my $at = 0; $at < length $out; ) {
      my $n = syswrite(STDOUT, $out, length($out) - $at, $at);
      exit 0 unless defined $n;
      $at += $n;
    }
  }
  if (vec($ready, fileno(STDIN), 1)) {
    sysread(STDIN, $from_lab, 262144, length $from_lab) or exit 0;
    my $at = 0;
    while (length($from_lab) - $at >= 4) {
      my $n = unpack('N', substr($from_lab, $at, 4));
      last if length($from_lab) - $at - 4 < $n;
      syswrite($tap, $from_lab, $n, $at + 4);
      $at += 4 + $n;
    }
    substr($from_lab, 0, $at) = '';
  }
}
`;
