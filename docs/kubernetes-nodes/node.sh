#!/bin/sh
# Installs rxshim's shim on the node of this pod and gives containerd a runtime for it, or removes both:
#
#   node.sh install | remove
#
# It may be repeated, and killed at any moment: a further run completes what is missing. containerd is restarted only where
# its configuration has changed. A configuration that containerd does not accept is not put in place, and one with which it
# does not start is taken back. `remove` waits until no container uses the shim, and leaves the node as it was.
set -eu

HOST=${HOST:-/host}                                       # the node's root folder in this pod
ON_HOST=${ON_HOST:-nsenter --target 1 --mount --}         # runs a command on the node
PREFIX=${PREFIX:-/opt/rxshim}                             # where the shim is put on the node
CONFIG=${CONTAINERD_CONFIG:-/etc/containerd/config.toml}  # on the node
CONTAINERD=${CONTAINERD:-containerd}                      # on the node
RESTART=${RESTART:-systemctl restart containerd}          # on the node
PACKAGE=${PACKAGE:-/usr/local/lib/node_modules/rxshim}    # the package, in this pod
NODE=${NODE:-$(command -v node)}                          # the Node that daemons run with, in this pod
GROUPING=${GROUPING:-pod}                                 # or namespace: which containers share a daemon
PAUSE=${PAUSE:-10}                                        # seconds between two looks at what still runs

runtime=rxshim
begin='# rxshim: begin. Written by node.sh, which also removes it.'
begin_joined='# rxshim: begin. Written by node.sh, which also removes it. The line above had no end.'
end='# rxshim: end.'
file=$HOST$CONFIG
pending=$HOST$PREFIX/restart-pending  # containerd has yet to read its configuration
refused=$HOST$PREFIX/refused          # the checksum of one with which it did not start
made_file=$HOST$PREFIX/made-config
made_folder=$HOST$PREFIX/made-config-folder
try=$HOST$PREFIX/config.try.toml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

fail() { echo "rxshim: $*" >&2; exit 1; }

# Whether a file ends in the middle of a line.
is_joined() { [ -s "$1" ] && [ "$(tail -c 1 "$1" | od -An -tx1 | tr -d ' ')" != 0a ]; }

# The configuration without what this script has added.
without_block() {
  [ -e "$file" ] || return 0
  # Each line is written with the end of the line before it, so that a last line without an end stays so.
  if is_joined "$file"; then open=1; else open=0; fi
  awk -v begin="$begin" -v joined="$begin_joined" -v end="$end" -v open="$open" '
    $0 == begin { inside = 1; next }
    $0 == joined { inside = 1; cut = 1; next }
    inside { if ($0 == end) inside = 0; next }
    { printf "%s%s", (lines++ ? "\n" : ""), $0; if (cut) cut = 2 }
    END { if (lines && cut != 1 && !open) printf "\n" }
  ' "$file"
}

# The whole configuration of containerd with the file that is tried, defaults and imports included.
dump() { $ON_HOST "$CONTAINERD" --config "$PREFIX/config.try.toml" config dump; }

# $1: the configuration without the block.
block() {
  version=$(awk '/^[[:space:]]*\[/ { exit } /^[[:space:]]*version[[:space:]]*=/ { gsub(/[^0-9]/, ""); print; exit }' "$1")
  if is_joined "$1"; then printf '\n%s\n' "$begin_joined"; else printf '%s\n' "$begin"; fi
  if [ -z "$version" ] && ! grep -q '^[[:space:]]*[^#[:space:]]' "$1"; then echo 'version = 2'; version=2; fi
  case ${version:-1} in
    1) table=plugins.cri ;;
    2) table='plugins."io.containerd.grpc.v1.cri"' ;;
    *) table='plugins."io.containerd.cri.v1.runtime"' ;;
  esac
  echo "[$table.containerd.runtimes.$runtime]"
  echo '  runtime_type = "io.containerd.rxshim.v1"'
  echo "  runtime_path = \"$PREFIX/bin/containerd-shim-rxshim-v1\""
  echo "  [$table.containerd.runtimes.$runtime.options]"
  echo "    SystemdCgroup = $systemd"
  echo "$end"
}

has_runtime() { grep -Eq "containerd\.runtimes\.[\"']?$runtime[\"']?\]" "$1"; }

# $1: what the configuration shall be. The restart is due from before the file changes, for a run that is killed between.
put_config() {
  folder=$(dirname "$file")
  : > "$pending"
  if [ ! -e "$folder" ]; then : > "$made_folder"; mkdir -p "$folder"; fi
  if [ -e "$file" ]; then cp -p "$file" "$folder/.config.rxshim"; else : > "$made_file"; fi
  cat "$1" > "$folder/.config.rxshim"
  mv "$folder/.config.rxshim" "$file"
}

remove_config() {
  : > "$pending"
  rm -f "$file"
  if [ -e "$made_folder" ]; then rmdir "$(dirname "$file")" 2>/dev/null || true; fi
}

restart() {
  $ON_HOST $RESTART || return 1
  rm -f "$pending"
}

configure() {
  [ ! -L "$file" ] || fail "$CONFIG is a symbolic link: give CONTAINERD_CONFIG the file that it leads to"
  without_block > "$work/bare"
  # containerd itself says whether it takes the file, from a place beside it that it can read.
  cp "$work/bare" "$try"
  if [ -s "$work/bare" ]; then
    dump > "$work/dump" 2> "$work/trouble" || refuse_config "$CONFIG"
  else
    $ON_HOST "$CONTAINERD" config default > "$work/dump"
  fi
  ! has_runtime "$work/dump" || refuse "$CONFIG has a runtime $runtime that this script has not added: remove it there first"
  # As runc's containers: all of a node must be in cgroups of one driver.
  systemd=$(awk '
    /^[[:space:]]*\[/ { here = /containerd\.runtimes\.runc\.options\]/ }
    here && /SystemdCgroup *= *true/ { found = 1 }
    END { print found ? "true" : "false" }
  ' "$work/dump")
  { cat "$work/bare"; block "$work/bare"; } > "$work/new"
  cp "$work/new" "$try"
  dump > "$work/dump" 2> "$work/trouble" || refuse_config "$CONFIG with the runtime $runtime"
  ! grep -Eq "^disabled_plugins = .*[\"'.]cri[\"'.]" "$work/dump" || refuse "$CONFIG disables the plugin cri, so no Kubernetes uses this containerd"
  has_runtime "$work/dump" || refuse "containerd reads $CONFIG without its runtimes: its version (${version:-1}) is for another containerd"
  rm -f "$try"
  if [ -e "$file" ] && cmp -s "$work/new" "$file"; then return; fi
  # A restart ends the execs of all pods: it is not tried again and again.
  ! cksum < "$work/new" | cmp -s - "$refused" || fail "containerd did not start with this configuration before; remove $PREFIX/refused to try it again"
  put_config "$work/new"
}

refuse() { rm -f "$try"; fail "$*"; }

refuse_config() {
  tail -n 3 "$work/trouble" >&2
  refuse "containerd does not accept $1; nothing was changed in it"
}

unconfigure() {
  [ -e "$file" ] || return 0
  without_block > "$work/bare"
  ! cmp -s "$work/bare" "$file" || return 0
  if [ -e "$made_file" ] && [ ! -s "$work/bare" ]; then remove_config; else put_config "$work/bare"; fi
}

# Node and the package for as long as the shim is installed or removed: it is done on the node, where it will run.
with_package() {
  mkdir -p "$HOST$PREFIX/bin"
  if ! cmp -s "$NODE" "$HOST$PREFIX/bin/node"; then
    cp "$NODE" "$HOST$PREFIX/bin/.node" && chmod 755 "$HOST$PREFIX/bin/.node"
    mv "$HOST$PREFIX/bin/.node" "$HOST$PREFIX/bin/node"
  fi
  $ON_HOST "$PREFIX/bin/node" --version > "$work/node" 2>&1 ||
    fail "Node of this image does not run on the node ($(tail -n 1 "$work/node")): it needs glibc 2.28 and libstdc++ there"
  rm -rf "${HOST:?}$PREFIX/package"
  mkdir "$HOST$PREFIX/package"
  cp -rL "$PACKAGE/." "$HOST$PREFIX/package"
  $ON_HOST "$PREFIX/bin/node" "$PREFIX/package/dist/cli/main.js" shim install --prefix "$PREFIX" "$@" > "$work/said" ||
    fail "the shim could not be installed or removed"
  sed '/^$/,$d' "$work/said"
  rm -rf "${HOST:?}$PREFIX/package"
}

daemons() { cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -A1 -Fx "$PREFIX/lib/rxshim/boot.cjs" | grep -cx daemon || true; }

case ${1:-} in
  install)
    with_package --grouping "$GROUPING"
    configure
    if [ -e "$pending" ] && ! restart; then
      cksum < "$work/new" > "$refused"
      unconfigure
      restart || fail "containerd does not start, without the runtime $runtime neither"
      fail "containerd did not start with the runtime $runtime: its configuration is as it was"
    fi
    echo "rxshim: the runtime $runtime is installed"
    ;;
  remove)
    while running=$(daemons); [ "$running" != 0 ]; do
      echo "rxshim: waits for $running daemons with containers: delete the pods of the runtime class"
      sleep "$PAUSE"
    done
    unconfigure
    if [ -e "$pending" ]; then restart || fail "containerd does not start without the runtime $runtime"; fi
    if [ -e "$HOST$PREFIX/lib/rxshim/installed.json" ]; then with_package --undo > /dev/null; fi
    rm -rf "${HOST:?}$PREFIX/package" "$HOST$PREFIX/bin/node" "$HOST$PREFIX/bin/.node" "$try" "$made_file" "$made_folder" "$refused"
    for folder in bin lib ''; do rmdir "$HOST$PREFIX/$folder" 2>/dev/null || true; done
    echo "rxshim: the runtime $runtime is removed"
    ;;
  *) fail "usage: node.sh install | remove" ;;
esac
