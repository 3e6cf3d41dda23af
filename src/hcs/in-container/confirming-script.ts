/**
 * A shell script that runs a command and confirms its start and its end within its output, for services whose own word
 * for either cannot be trusted.
 *
 * It writes messages of the form `\0RXSHIM <nonce> <text>\0` to stderr: `PID n` before the command is executed, `END
 * code` after it has ended, `FAIL status text` where it cannot be executed. The exit code is also left in a file, so that
 * it can be asked for when the connection was lost (`askEnd`). The script itself survives the signals that the command
 * gets, and bears no mark, so that it is not signalled with the tree.
 *
 * The record of a command is its exit code and its mark, in a file of its nonce. It stays until a later command removes it.
 *
 * Needs `sh` of the image; `rm` for what earlier commands have left.
 */

/** The name under which the script must be run: by it and the nonce it is found again. */
export const confirmingName = 'rxshim-exec';

/** Sets `place` to the folder for records. */
export const findPlace = `for place in /dev/shm /tmp /run ''; do [ -d "$place" ] && [ -w "$place" ] && break; done`;

/**
 * Arguments: nonce, mark, working directory or nothing, nonces of earlier commands whose files are no longer needed
 * (separated by blanks), the number of variables, the variables, the command.
 */
export const confirmingScript = `
nonce=$1 mark=$2 cwd=$3 old=$4 count=$5
shift 5
exec 3>&2
say() { printf '\\0RXSHIM %s %s\\0' "$nonce" "$*" >&3; }
${findPlace}
for one in $old; do rm -f "$place/.rxshim-$one"; done
trap : HUP INT QUIT TERM
while [ "$count" -gt 0 ]; do export "$1"; shift; count=$((count-1)); done
[ -z "$cwd" ] || cd "$cwd" 2>/dev/null || { say FAIL 1 "chdir to cwd $cwd"; exit 1; }
case $1 in
  */*) [ -f "$1" ] && [ -x "$1" ] ;;
  *) command -v "$1" >/dev/null 2>&1 ;;
esac || {
  if [ -e "$1" ]; then say FAIL 126 "$1: permission denied"; exit 126; fi
  say FAIL 127 "$1: executable file not found"; exit 127
}
export "$mark"
exec 2>/dev/null
sh -c 'printf "\\0RXSHIM %s PID %s\\0" "$0" "$$" >&2; exec "$@"' "$nonce" "$@" 2>&3 3>&-
code=$?
[ -z "$place" ] || printf '%s %s' "$code" "$mark" > "$place/.rxshim-$nonce"
say END "$code"
exit "$code"
`;

/**
 * Arguments: nonce. Waits for the end of the command and writes its exit code; ends with 3 where it has ended and
 * left none. The record stays: the connection that the answer takes may be lost as well.
 */
export const askEnd = `
nonce=$1
${findPlace}
look() { [ -s "$place/.rxshim-$nonce" ] && { read -r code mark < "$place/.rxshim-$nonce" || :; echo "$code"; exit 0; }; }
runs() {
  for folder in /proc/[0-9]*; do
    { tr '\\0' ' ' < "$folder/cmdline"; } 2>/dev/null | grep -Fq " ${confirmingName} $nonce " && return 0
  done
  return 1
}
while :; do
  look
  runs || { look; exit 3; }
  sleep 0.1 2>/dev/null || sleep 1
done
`;

/** Arguments: pid, mark, signal's number. Signals the command if it still runs; ends as the scripts beside it do. */
export const signalMarked = `
{ tr '\\0' '\\n' < "/proc/$1/environ"; } 2>/dev/null | grep -Fqx "$2" || exit 3
{ read -r stat < "/proc/$1/stat"; } 2>/dev/null || exit 3
set -- "$1" "$2" "$3" \${stat##*) }
case $4 in Z|X) exit 3 ;; esac
kill -"$3" "$1" 2>/dev/null || { [ -d "/proc/$1" ] && exit 4; exit 3; }
`;

export type Confirmation =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'failed'; readonly status: number; readonly text: string };

/** The meaning of one message, without its nonce. */
export const parseConfirmation = (text: string): Confirmation | undefined => {
  const [, word = '', number = '', rest = ''] = /^(PID|END|FAIL) (\d+)(?: (.*))?$/s.exec(text) ?? [];
  if (word === 'PID') return { kind: 'started', pid: Number(number) };
  if (word === 'END') return { kind: 'ended', code: Number(number) };
  return word === 'FAIL' ? { kind: 'failed', status: Number(number), text: rest } : undefined;
};
