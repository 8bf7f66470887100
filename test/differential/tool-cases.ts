// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell expansions
/** What every case finds: a few small files. */
const FILES = [
  'printf "b 2 x\\na 10 y\\nc 1 x\\na 3 z\\n" > t',
  'printf "id=1 src=10.0.0.1 dst=10.0.0.2\\nid=22 src=10.0.0.3\\n\\nno match here\\n" > c',
  'printf "root:x:0:0\\nwww:x:33:33\\nnobody:x:65534:65534\\n" > p',
].join('; ');

const TOOLS: readonly string[] = [
  // grep
  'grep a t; grep -c a t; grep -n x t; grep -v a t; grep -i A t; grep -o "src=[0-9.]*" c; grep nomatch t; echo $?',
  'grep -E "^(a|b) " t; grep -oE "[0-9]+" t; grep -w 1 t; grep -x "a 3 z" t; grep -F "." c; grep -e a -e b t',
  'grep -A1 b t; grep -B1 "a 3" t; grep -C1 "c 1" t; grep -A1 -n a t; grep -l a t p; grep -L a t p; grep -h a t p; grep a t p',
  'grep -q a t; echo $?; grep a nosuch; echo $?; grep -s a nosuch; echo $?; grep -m1 a t; grep -r src . ; grep "[[:digit:]]\\{2\\}" t; grep "a\\|b" t; grep "^$" c; grep -vc "^$" c',
  'grep; echo $?; grep -E "(" t; echo $?; grep "[" t; echo $?; grep -y 2>/dev/null; grep -c src c t; grep -on "[a-c]" t; egrep "a|b" t 2>/dev/null; grep -ho "x" t t',
  // sed
  'sed s/a/X/ t; sed "s/[0-9]*/<&>/g" t; sed -n 2p t; sed -n "2,3p" t; sed 2d t; sed "\\$d" t; sed "/a/d" t; sed -n "/b/,/c/p" t',
  'sed -E "s/([a-z]) ([0-9]+)/\\2 \\1/" t; sed "s/\\([a-z]\\) /[\\1]/" t; sed "s|x|/|" t; sed -e s/a/b/ -e s/b/c/ t; sed "1!d" t; sed -n "\\$=" t; sed 1q t; sed "2q;d" t',
  'sed "2i before" t; sed "2a after" t; sed "2c changed" t; sed "y/abc/xyz/" t; sed "s/x/Y/2;s/ /_/2" t; sed -n "s/a/A/p" t; sed "s/A/b/I" t; sed "/a/!s/^/# /" t',
  'sed -n "1~2p" t; sed "N;s/\\n/+/" t; sed "1!G;h;\\$!d" t; sed -i s/a/Z/ t; cat t; sed "s/.*/\\U&/" t; sed "\\$!N;P;D" t; sed -n "/b/{p;q}" t; sed "s/a/b" t; echo $?; sed k t; echo $?',
  'sed -s -n "1p" t c; sed nosuch; echo $?; sed p nosuch; echo $?; sed "s/ id=[0-9]*//;s/src=//" c; echo abc | sed "s/b*/X/g"; echo aaa | sed "s/a/b/2"; printf "a\\nb" | sed s/b/c/; sed "s/x/a\\nb/" t',
  // awk
  "awk '{print $1, $3}' t; awk '{print $NF}' t; awk '/a/ {print NR, $0}' t; awk -F: '{print $1, $3}' p; awk 'NR==2' t; awk 'NR>2 {print $2}' t; awk 'END {print NR}' t",
  "awk '{s += $2} END {print s, s/NR}' t; awk '{n[$1]++} END {for (k in n) print k, n[k]}' t | sort; awk 'BEGIN {printf \"%5.2f|%-4s|%03d|%x|%c\\n\", 3.14159, \"ab\", 7, 255, 65}'",
  "awk '$2 > 2' t; awk '$1 == \"a\" && $2 < 5 {print \"yes\"}' t; awk '{print ($2 > 2 ? \"hit\" : \"miss\")}' t; awk '!seen[$1]++' t; awk '{$2 = \"\"; print}' t; awk '{print length($0), length}' t",
  'awk \'BEGIN {x = "a,b,c"; n = split(x, p, ","); print n, p[1], p[3]; print substr("hello", 2, 3), index("hello", "l"), toupper("abc"); print match("foobar", /o+/), RSTART, RLENGTH}\'',
  "awk '{gsub(/[0-9]/, \"#\"); print}' t; awk '{sub(/a/, \"[&]\"); print}' t; awk 'BEGIN {while (i < 3) {i++; if (i == 2) continue; print i}; do j++; while (j < 5); print j; for (k = 0; k < 2; k++) print k}'",
  'awk \'function f(x) {return x * 2} {print f($2)}\' t; awk -v n=5 \'BEGIN {print n + 1}\'; awk \'BEGIN {print 1e6, 0.1 + 0.2, 100000000, 1/3, 2^10, 7 % 3, -3 % 2, int(3.9)}\'; awk \'BEGIN {print 1==1.0, "a" < "b", 10 < 9, "10" < "9"}\'',
  'echo \'10 9\' | awk \'{print ($1 > $2)}\'; awk \'BEGIN {OFS = "-"; $0 = "a b c"; $1 = $1; print; print NF}\'; awk \'NR==1 {next} {print} $1 == "c" {exit 3}\' t; echo $?; awk \'/b/,/c/\' t; awk \'BEGIN {print length("x") length("yy"); print "a" "b", 1 " " 2}\'',
  'awk \'{print $1 > "o"} END {close("o")}\' t; cat o; awk \'{print | "sort"}\' t; awk \'BEGIN {print substr("hello", 2), substr("hello", 4, 10)}\'; awk -F\'[ =]\' \'{print $2, $4}\' c; awk -Ft \'{print NF}\' t; awk \'BEGIN {a["x"]; if ("x" in a) print "in"; delete a["x"]; print ("x" in a)}\'',
  "awk '{print $(NF-1), $NF}' t; awk 'BEGIN {printf \"%s %d %i%%\\n\", \"a\", \"3x\", 4.9}'; printf 'a b\\n\\nc d\\n' | awk 'NF'; printf 'a;b\\n' | awk -F';' '{print $2; print NF}'; awk 'BEGIN{x[1,2]=3; for (k in x) {split(k, q, SUBSEP); print q[1], q[2]}}'",
  // sort, uniq, cut, tr
  'sort t; sort -r t; sort -k2 t; sort -k2n t; sort -k2,2nr t; sort -n -k2 t; sort -u -k1,1 t; sort -k3,3 -k2,2n t; sort -t: -k3n p; sort -t: -k3nr p | head -1',
  'printf "10\\n9\\n1\\n" | sort; printf "10\\n9\\n1\\n" | sort -n; printf "b\\nA\\na\\nB\\n" | sort; printf "b\\nA\\na\\nB\\n" | sort -f; printf "v1.10\\nv1.9\\n" | sort -V; sort -c t; echo $?; sort nosuch; echo $?; printf "1K\\n2M\\n3\\n" | sort -h',
  'printf "a\\na\\nb\\na\\n" | uniq; printf "a\\na\\nb\\n" | uniq -c; printf "a\\na\\nb\\n" | uniq -d; printf "a\\na\\nb\\n" | uniq -u; cut -d" " -f1 t; cut -d" " -f2- t; cut -d" " -f1,3 t; cut -c1-3 t; cut -c2- t; cut -d: -f1 t; cut -sd: -f1 t p; cut -f1 -d" " --complement t',
  'cut t; echo $?; cut -f 0 t; echo $?; cut -d" " -f1 --output-delimiter=, t; echo hello | tr a-z A-Z; echo "a  b" | tr -s " "; echo abc | tr -d b; echo abc123 | tr -cd 0-9; echo; echo abc | tr abc xy; echo "a:b" | tr : "\\n"; echo hello | tr "[:lower:]" "[:upper:]"; tr a; echo $?; tr -dc a-z < t; echo',
  // expr, comm, dd, diff, cmp, column, rev
  'expr 1 + 2; expr 2 + 3 \\* 4; expr "(" 2 + 3 ")" \\* 4; expr 7 / 2; expr -7 % 3; expr 5 - 9; expr 10 \\< 9; expr b \\> a; expr a = a; expr 2 = 2.0; expr 0 \\| 5; expr 5 \\& 0; echo $?',
  'expr abc : "a\\(.\\)"; expr abc : b; echo $?; expr abc123 : "[a-z]*"; expr length hello; expr substr abcdef 2 3; expr index abcdef fd; expr match abc "a.*"; expr + length; expr substr abc 0 2; echo $?',
  'expr 1 +; echo $?; expr a + 1; echo $?; expr 1 2; echo $?; expr 1 / 0; echo $?; expr; echo $?; expr "(" 1; echo $?; expr 99999999999999999999 + 1; expr -- 1 + 1; expr 0; echo $?',
  'sort t > s; printf "a 10 y\\nd\\n" > u; comm s u; comm -12 s u; comm -3 s u; comm -23 s u; comm s; echo $?; comm s nosuch; echo $?; comm --output-delimiter=, s u',
  'dd if=t of=o bs=4 count=2 status=noxfer; cat o; printf abcdef > o; printf X | dd of=o conv=notrunc bs=1 seek=2 status=none; cat o; dd if=o bs=2 skip=1 count=1 status=none; dd if=nosuch; echo $?; dd foo; echo $?; dd count=x; echo $?; dd bs=2x3 count=1 status=none if=/dev/zero | wc -c; dd conv=x; echo $?',
  'printf "1\\n2\\n3\\n" > a; printf "1\\nx\\n3\\n4\\n" > b; diff a b; echo $?; diff a a; echo $?; diff -q a b; diff -s a a; diff -u a b | tail -n +3; diff -U0 a b | tail -n +3; diff a nosuch; echo $?; diff a; echo $?; printf "1\\n2\\n3" | diff a -; diff b a',
  'seq 1 30 > a; seq 1 30 | sed "5d;17s/^/x/;25a new" > b; diff a b; diff -u a b | tail -n +3; printf "A\\n b  c\\n" > a; printf "a\\n b c\\n" > b; diff -i a b; diff -ib a b; echo $?; diff -w a b; printf "" > e; diff e b; diff -u e b | tail -n +3',
  'printf "a\\nb\\nc\\nb\\nd\\n" > a; printf "a\\nb\\nb\\nc\\nd\\nd\\n" > b; diff a b; diff b a; printf "x\\n{\\n}\\ny\\n{\\n}\\n" > a; printf "x\\n{\\n}\\nz\\n{\\n}\\ny\\n{\\n}\\n" > b; diff a b; diff -u a b | tail -n +3; cmp a b; echo $?; cmp a a; cmp -s a b; echo $?; head -c 3 a > h; cmp a h; cmp a nosuch; echo $?',
  'printf "a b c\\nlonger x y\\n" | column -t; column -t -s: p; column -t -s: -o" | " p; printf "a b\\n\\nc d e\\n" | column -t; printf "a 1\\nb 22\\n" | column -t -N X,YYY; printf "a 1\\nb 22\\n" | column -t -R 2; printf "x,,y\\n1,2,3\\n" | column -t -s,; rev t; echo abc | rev; column -t nosuch; echo $?',
  // head, tail, wc, and small ones
  'head -2 t; head -n 1 t; head -c 3 t; echo; head -n -1 t; tail -1 t; tail -n 2 t; tail -n +3 t; tail -c 4 t; head -1 t c; tail -q -n1 t c; head nosuch; echo $?; seq 12 | head; seq 12 | tail -3',
  'wc t; wc -l t; wc -w < t; wc -c t c; wc -l t c p; wc < t; cat t | wc -lc; wc nosuch; echo $?; printf abc | wc; printf "" | wc -l; wc -L t; wc -m t',
  'seq 3; seq 2 4; seq 1 2 6; seq -s, 3; seq -w 8 10; seq 3 1; seq 1 0.5 2; seq; echo $?; tac t; nl t; paste -sd, t; paste t p; rev < /dev/null 2>/dev/null; basename /a/b.txt .txt; dirname /a/b/c a; basename a/; dirname a',
  'cat -n t; cat -A c; cat nosuch; echo $?; cat t - < p; tee o1 o2 < t > /dev/null; cat o1 o2; echo x | tee -a o1; wc -l o1; base64 < t; base64 < t | base64 -d | head -1; md5sum t; sha256sum < t; sha1sum t p; md5sum t > sums; md5sum -c sums',
  'mkdir a; mkdir a; echo $?; mkdir x/y; echo $?; mkdir -p x/y/z; ls -R x; rmdir x; echo $?; touch a/f; rm a; echo $?; rm -r a; rm nosuch; echo $?; rm -f nosuch; echo $?; rmdir x/y/z; ls x',
  'cp t u; cat u | head -1; cp t; echo $?; cp nosuch u; echo $?; mkdir d; cp t c d; ls d; cp d e; echo $?; cp -r d e; ls e; mv u d/v; ls d; mv nosuch x; echo $?; ln -s t l; readlink l; cat l | wc -l; ls -F; ln -s t l; echo $?; mv t c nodir; echo $?',
  'chmod 600 t; stat -c "%a %s %F" t; chmod u+x,g=r t; stat -c %a t; chmod a-w t; stat -c %A t; chmod 9 t; echo $?; chmod 755 nosuch; echo $?; chmod -x t; stat -c %a t; stat nosuch; echo $?; test -x t; echo $?; umask 022; touch n; stat -c %a n',
  'ls; ls -1 t c; ls nosuch; echo $?; ls -d .; ls -a; mkdir sub; touch sub/q; ls sub t; ls -m; ls -r; touch "a b"; ls -1; ls -p; ls -S -1 | head -1; ls --nosuch; echo $?; ls -z; echo $?',
  'date -u -d @0; date -u -d @1767225600 +%Y-%m-%dT%H:%M:%SZ; date -u -d "2026-03-01 12:30:00" "+%a %b %e %j %U %V %s"; date -ud "2024-02-29" +%F; date -d nonsense; echo $?; date nosuch; echo $?',
  'env -i A=1 env; env X=2 bash -c "echo \\$X"; env nosuch; echo $?; timeout 5 echo in; timeout 0.1 sleep 5; echo $?; timeout; echo $?; timeout x echo; echo $?; nohup true < /dev/null; echo $?; sleep x; echo $?; sleep; echo $?; printenv NOSUCH; echo $?',
  'echo a b c | xargs; echo a b c | xargs -n1 echo x; printf "a\\nb\\n" | xargs -I{} echo "<{}>"; echo | xargs -r echo never; printf "a\\0b" | xargs -0 echo; echo a | xargs nosuch; echo $?; echo "1 2" | xargs -n 1 test 1 = ; echo $?',
  'find . -name "*" -type f | sort; find . -name t; mkdir -p q/r; touch q/r/z; find q; find q -type d; find q -maxdepth 1; find nosuch; echo $?; find q -name z -exec echo found {} \\;; find q -name z -delete; find q -empty; find . -name t -o -name c | sort; find . ! -name "[tcp]" -a ! -name "." ! -path "./q*"',
  'readlink -f ./t | sed "s|.*/||"; realpath nosuch | sed "s|.*/||"; readlink t; echo $?; mktemp -u XXXX | wc -c; id -u; tty; echo $?; true x; false x; echo $?; yes a b | head -2; printf "%s\\n" a b | sort -r; test -f t && test -d . && test ! -s nosuch; echo $?',
];

/** Uses of text and file tools whose output does not depend on the machine: the real ones must agree on each. */
export const TOOL_CASES: readonly string[] = TOOLS.map((text) => `${FILES}; ${text}`);
