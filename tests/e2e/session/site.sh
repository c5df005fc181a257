#!/usr/bin/env bash
# The site and the local state can be deleted at any time; the site comes back byte for byte.
source "$(dirname "$0")/fixture.bash"

fairledger init "$work/one" >/dev/null
cd "$work/one"
fairledger run >/dev/null 2>&1
best=$(fairledger best housing --json | jq -r .id)
fairledger tag "$best" keep=yes >/dev/null
fairledger note "$best" "the one to beat" >/dev/null
mkdir -p "$work/far/away"
cp -a "$work/one" "$work/far/away/two"
cp -a "$work/one" "$work/three"
cp -a site "$work/first"

rm -rf site
TZ=Asia/Seoul LC_ALL=C fairledger report >/dev/null
same "site deleted and built again" "$work/first" site
cd "$work/far/away/two"
rm -rf site .fairledger
TZ=America/New_York LC_ALL=C.UTF-8 HOME=/nonexistent fairledger report >/dev/null
same "elsewhere, in another time zone, without the local state" "$work/first" site
cd "$work/three"
mkdir -p deep/down
(cd deep/down && TZ=UTC fairledger report >/dev/null)
same "from a folder inside" "$work/first" site

try fairledger report
has "a second report writes nothing" "$out" "0 pages changed"
try fairledger report --pictures "$work/pictures-1"
is "pictures: exit code" "$code" 0
fairledger report --pictures "$work/pictures-2" >/dev/null
same "pictures: the same bytes twice" "$work/pictures-1" "$work/pictures-2"
is "pictures: there are some" "$(find "$work/pictures-1" -name '*.svg' | head -1 | wc -l)" 1
is "pictures: every one is XML" "$(find "$work/pictures-1" -name '*.svg' -print0 \
    | xargs -0 python3 -c 'import sys, xml.dom.minidom as m; [m.parse(name) for name in sys.argv[1:]]' 2>&1)" ""
