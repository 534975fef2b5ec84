#!/usr/bin/env bash
# Sets up, builds, tests and runs NativeCnn on Linux. Without a verb it prints the verbs.
set -euo pipefail
# With CDPATH, cd may go to a folder of the same name elsewhere.
unset CDPATH
script=$(readlink -f -- "${BASH_SOURCE[0]}")
# The checkout, without links. Whatever is written or deleted is named by its whole path below it.
readonly root=${script%/*}
if [[ ! -f "$root/NativeCnn.sln" ]]; then
  printf 'build.sh: %s is no checkout of NativeCnn.\n' "$root" >&2
  exit 1
fi
cd -- "$root"

readonly solution=NativeCnn.sln
readonly results="$root/build/test-results"
readonly logs="$root/build/log"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

usage() {
  cat <<'EOT'
usage: ./build.sh VERB [arguments]

  build                install what is missing, build the C shim and the solution
  test [NAME]          build, then run the shim's tests (plain and with sanitizers) and the .NET tests (Debug and Release);
                       NAME: only tests with this in their name; --suite SUITE: only this suite (docs/testing.md)
  test-all [NAME]      test, with the slow tests too
  fuzz [SECONDS [SEED]] build, then mutate every format that is read and call every export of the shim, 60 s each
  train [arguments]    build, then ./nativecnn train [arguments]
  bench [arguments]    build, then run the benchmarks (benchmarks/README.md)
  generate [--check]   write anew what is generated from the C headers and docs/layers.md; --check only compares
  format [--check]     format C# and C; --check only compares
  clean                remove everything that was built
EOT
}

# ---- what is shown ----

# A terminal has one line that changes; elsewhere a line comes now and then.
if [[ -t 1 ]]; then readonly terminal=1; else readonly terminal=; fi
readonly seconds_between_lines=30

say() { printf '== %s\n' "$*"; }

fail() {
  erase_line
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

erase_line() { [[ -z $terminal ]] || printf '\r\033[K'; }

# Writes over the changing line; the text is cut to what the numbers leave: show TEXT NUMBERS
show() {
  local room=$((${COLUMNS:-80} - ${#2} - 6))
  erase_line
  printf '== %s: %s' "${1:0:room > 0 ? room : 0}" "$2"
}

minutes() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# ---- one at a time, and interruption ----

# Ends what it is not to outlive: every process of the step under way.
child=
interrupt() {
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    for ((i = 0; i < 30; i++)); do
      kill -0 -- "-$child" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$child" 2>/dev/null || true
  fi
  erase_line
  echo "build.sh: interrupted." >&2
  exit "$1"
}
trap 'interrupt 130' INT
trap 'interrupt 143' TERM
trap 'interrupt 129' HUP

# The lock is on the folder itself, so that there is no file to be left behind.
lock_checkout() {
  has_command flock || return 0
  exec 9<"$root"
  flock -n 9 || fail "another build.sh is running here$(other_process). Wait for it to end."
}

unlock_checkout() { exec 9>&-; }

other_process() {
  local pid
  if read -r pid 2>/dev/null <"$root/build/pid"; then printf ' (pid %s)' "$pid"; fi
}

# Before anything else is done: a folder that takes files, and a disk with room for them.
prepare_folders() {
  local error
  if ! error=$({ mkdir -p -- "$logs" && printf '%s\n' $$ >"$root/build/pid"; } 2>&1); then
    fail "$root/build cannot be written to: ${error##*: }."
  fi
}

# Runs a command in a process group of its own, its output in a log, and shows meanwhile what a function says of it:
# run_shown TEXT LOG FUNCTION COMMAND...
run_shown() {
  local text=$1 log=$2 describe=$3 status=0 start=$SECONDS shown=-1 now
  shift 3
  [[ -n $terminal ]] || say "$text"
  : >"$log"
  # What is started in the background ignores Ctrl-C, and so would the commands that the tests interrupt.
  local group=()
  if env --default-signal=INT true 2>/dev/null; then group=(env --default-signal=INT); fi
  if has_command setsid; then
    setsid ${group[@]+"${group[@]}"} "$@" >"$log" 2>&1 </dev/null 9>&- &
    child=$!
  else
    set -m
    "$@" >"$log" 2>&1 </dev/null 9>&- &
    child=$!
    set +m
  fi
  while kill -0 "$child" 2>/dev/null; do
    now=$((SECONDS - start))
    if [[ -n $terminal ]] && ((now != shown)); then
      show "$text" "$($describe "$log")$(minutes $now)"
      shown=$now
    elif [[ -z $terminal ]] && ((now / seconds_between_lines > (shown < 0 ? 0 : shown))); then
      say "$text: $($describe "$log")$(minutes $now)"
      shown=$((now / seconds_between_lines))
    fi
    sleep 0.2
  done
  wait "$child" || status=$?
  child=
  erase_line
  if [[ -n $terminal ]] || [[ $describe != nothing ]]; then
    say "$text: $($describe "$log")$(minutes $((SECONDS - start)))"
  fi
  return "$status"
}

nothing() { :; }

disk_is_full() {
  grep -q 'No space left on device' "$1" || ! printf '%s\n' $$ 2>/dev/null >"$root/build/pid"
}

# Runs a step of a build. Where it fails the end of its output is shown, and nothing follows: step TEXT LOG COMMAND...
step() {
  local text=$1 log="$logs/$2.log"
  shift 2
  if run_shown "$text" "$log" nothing "$@"; then return; fi
  ! disk_is_full "$log" || fail "the disk is full. Make room and run this again."
  tail -n 30 -- "$log" >&2
  fail "this failed: $*. All of its output is in $log."
}

# ---- setup ----

# Installs Debian packages, or says how to.
install() {
  local command="apt-get update && apt-get install -y --no-install-recommends $*"
  command -v apt-get >/dev/null ||
    fail "these are missing (by their Debian names): $*. Install them with this system's package manager."
  local as_root=(env)
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || fail "as root, run: $command"
    as_root=(sudo)
  fi
  say "Installing $* with apt-get"
  mkdir -p -- "$logs"
  if ! { "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; } \
    >"$logs/install.log" 2>&1 9>&-; then
    tail -n 30 -- "$logs/install.log" >&2
    fail "that did not succeed. Run: sudo sh -c '$command'"
  fi
}

has_command() { command -v "$1" >/dev/null; }

# A file of this name is on the dynamic loader's path.
has_library() { [[ "$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)" == *"$1"* ]]; }

need_dotnet() {
  if ! has_command dotnet || [[ $'\n'"$(dotnet --list-sdks)" != *$'\n10.'* ]]; then
    fail "the .NET 10 SDK is missing. Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and have dotnet on PATH."
  fi
}

need_tools() {
  need_dotnet
  local missing=()
  has_command cmake || missing+=(cmake)
  has_command cc || has_command gcc || has_command clang || missing+=(gcc libc6-dev)
  has_command make || has_command ninja || missing+=(make)
  if [[ "$(uname)" == Linux && -z "${NATIVECNN_OPENBLAS:-}" ]]; then
    has_library libopenblas.so.0 || missing+=(libopenblas0-pthread)
  fi
  [[ ${#missing[@]} -eq 0 ]] || install "${missing[@]}"
}

# What some tests need that are skipped without it: installed where that can be done in silence.
need_onednn() {
  [[ "$(uname)" == Linux && -z "${NATIVECNN_ONEDNN:-}" && $EUID -eq 0 ]] && has_command apt-get || return 0
  has_library libdnnl.so || (install libdnnl2) 2>/dev/null || say "libdnnl2 cannot be installed: tests of oneDNN are skipped"
}

# The same for the library that reads pictures, which CMake builds where these are installed.
need_pictures() {
  [[ "$(uname)" == Linux && $EUID -eq 0 ]] && has_command apt-get || return 0
  { has_header turbojpeg.h && has_header png.h; } || (install libturbojpeg0-dev libpng-dev) 2>/dev/null ||
    say "libturbojpeg0-dev and libpng-dev cannot be installed: tests of pictures are skipped"
}

has_header() { [[ -n "$(find /usr/include /usr/local/include -name "$1" -print -quit 2>/dev/null)" ]]; }

# ---- steps ----

# Does a step of a build that several suites need, once.
done_steps=$'\n'
once() {
  [[ $done_steps != *$'\n'"$*"$'\n'* ]] || return 0
  "$@"
  done_steps+="$*"$'\n'
}

# Configures and builds the shim: build_shim NAME [CMake arguments].
build_shim() {
  local name=$1
  shift
  step "Configuring the C shim ($name)" "$name-configure" cmake -S "$root" -B "$root/build/$name" "$@"
  step "Building the C shim ($name)" "$name-build" \
    cmake --build "$root/build/$name" --parallel "$(getconf _NPROCESSORS_ONLN)"
}

build_release_shim() { build_shim native-release -DCMAKE_BUILD_TYPE=Release; }

build_sanitized_shim() { build_shim native-sanitize -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNATIVECNN_SANITIZE=ON; }

# The Debug build is for its assertions: optimised, it runs its tests in two thirds of the time, and what analyzers say
# they say of the Release build.
build_solution() {
  local options=()
  [[ $1 != Debug ]] || options=(-p:Optimize=true -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false)
  step "Building $solution ($1)" "dotnet-$1-build" \
    dotnet build "$root/$solution" -c "$1" -v q ${options[@]+"${options[@]}"}
}

# The command is compiled ahead of time, so that it starts at once.
publish_command() {
  step "Publishing the command to artifacts/cli" publish \
    dotnet publish "$root/src/NativeCnn.Cli" -c Release --no-build -o "$root/artifacts/cli" -v q
}

build() {
  once need_tools
  once build_release_shim
  once build_solution Release
  once publish_command
}

# ---- tests ----

readonly suites=(native-release native-sanitize dotnet-debug dotnet-release dotnet-baseline)

# The lines of finished tests, in the logs of dotnet test and of CTest.
readonly dotnet_test='^  (Passed|Failed|Skipped) '
readonly ctest_test='^ *[0-9]+/[0-9]+ Test +#[0-9]+: '

# What a suite's log says so far: "120 passed, 1 failed, ".
count_results() {
  local skipped failed
  skipped=$(count_lines "$1" "^  Skipped |$ctest_test.*[* ](Skipped|Not Run)")
  failed=$(($(count_lines "$1" "^  Failed |$ctest_test.*\*\*\*") - $(count_lines "$1" "$ctest_test.*\*\*\*(Skipped|Not Run)")))
  printf '%d passed, ' "$(count_lines "$1" "^  Passed |$ctest_test.* Passed ")"
  [[ $failed == 0 ]] || printf '%d failed, ' "$failed"
  [[ $skipped == 0 ]] || printf '%d skipped, ' "$skipped"
}

count_lines() { grep -cE -- "$2" "$1" || true; }

# A test of the shim has this in its name.
shim_has_test() {
  [[ -n $1 ]] || return
  once need_tools
  once build_release_shim
  ctest --test-dir "$root/build/native-release" -N -R "$1" 2>/dev/null | grep -q 'Test *#'
}

# Builds what a suite runs.
build_suite() {
  once need_tools
  case "$1" in
    native-release) once build_release_shim ;;
    native-sanitize) once build_sanitized_shim ;;
    dotnet-debug)
      once build_release_shim
      once build_solution Debug
      ;;
    *) build ;;
  esac
}

# test_shim SUITE NAME: those tests whose name contains it.
test_shim() {
  local names=()
  [[ -z $2 ]] || names=(-R "$2")
  run_shown "Testing $1" "$logs/$1.log" count_results \
    ctest --test-dir "$root/build/$1" --parallel "$(getconf _NPROCESSORS_ONLN)" --output-on-failure \
    --output-junit "$results/$1.xml" ${names[@]+"${names[@]}"}
}

# test_solution SUITE CONFIGURATION FILTER
test_solution() {
  run_shown "Testing $1" "$logs/$1.log" count_results \
    dotnet test "$root/$solution" -c "$2" --no-build --filter "$3" \
    --logger 'console;verbosity=normal' --logger "trx;LogFileName=$1.trx" --results-directory "$results"
}

# run_suite SUITE NAME FILTER
run_suite() {
  case "$1" in
    native-*) test_shim "$1" "$2" ;;
    dotnet-debug) test_solution "$1" Debug "$3" ;;
    dotnet-release) test_solution "$1" Release "$3" ;;
    # The operations once more as a processor without AVX runs them.
    dotnet-baseline)
      NATIVECNN_INSTRUCTION_SET=baseline test_solution "$1" Release "FullyQualifiedName~NativeCnn.Tests.Backends.&$3"
      ;;
  esac
}

# Every failed test of a suite's log: its name, where, the first lines of the message, and how to run it again.
list_failures() {
  ROOT="$root/" awk -v suite="$1" -v verb="$2" -v longest=10 '
    BEGIN { root = ENVIRON["ROOT"] }
    function finish() {
      if (name == "") return
      if (++count <= longest) {
        again = name
        sub(/\(.*/, "", again)
        printf "\n  %s\n", name
        if (place != "") printf "    %s\n", place
        printf "%s    again: ./build.sh %s --suite %s %s\n", message, verb, suite, again
      }
      name = place = message = ""
      lines = part = 0
    }
    function add(line) {
      if (line ~ /[^ ]/ && lines++ < 4) message = message "    " line "\n"
    }
    /^ *\[xUnit\.net / { next }
    # CTest
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
      finish()
      if ($0 ~ /\*\*\*/) { name = $0; sub(/^.*#[0-9]+: /, "", name); sub(/ .*/, "", name); part = "message" }
      next
    }
    /^ *Start +[0-9]+: / || /% tests passed/ { finish(); next }
    # dotnet test
    /^  (Passed|Failed|Skipped) / {
      finish()
      if ($1 == "Failed") { name = $0; sub(/^  Failed /, "", name); sub(/ \[[^]]*\]$/, "", name) }
      next
    }
    /^  Error Message:/ && name != "" { part = "message"; next }
    /^  Stack Trace:/ && name != "" { part = "stack"; next }
    /^  Standard Output Messages:/ { part = "" }
    part == "message" { sub(/^ +/, ""); add($0) }
    part == "stack" && place == "" && match($0, / in .*:line [0-9]+/) {
      place = substr($0, RSTART + 4, RLENGTH - 4)
      sub(/:line /, ":", place)
      if (index(place, root) == 1) place = substr(place, length(root) + 1)
    }
    /^(Total tests:|Test Run )/ { finish() }
    END {
      finish()
      if (count > longest) printf "\n  ... and %d more\n", count - longest
    }' "$logs/$1.log"
}

# run_tests VERB CATEGORY [NAME] [--suite SUITE]: every suite even after one has failed; the exit code tells.
run_tests() {
  local verb=$1 filter=$2 name='' plain_name='' chosen=() failed=() suite tests=0
  shift 2
  while [[ $# -gt 0 ]]; do
    case "$1" in
      --suite | --filter) [[ $# -gt 1 ]] || fail "$1 needs a value." ;;&
      --suite)
        [[ " ${suites[*]} " == *" $2 "* ]] || fail "there is no suite '$2'. The suites are: ${suites[*]}."
        chosen+=("$2")
        shift
        ;;
      --filter)
        name=$2
        shift
        ;;
      -*) fail "$verb knows no '$1'. It takes a part of a test's name, and --suite SUITE." ;;
      *)
        [[ -z $name ]] || fail "$verb takes one name; got '$name' and '$1'."
        name=$1
        ;;
    esac
    shift
  done
  # A plain word is part of a name; anything else is a filter expression of dotnet test.
  case "$name" in
    '') ;;
    *[=~\&\|\!]*) filter="($name)&$filter" ;;
    *)
      plain_name=$name
      filter="FullyQualifiedName~$name&$filter"
      ;;
  esac
  [[ ${#chosen[@]} -gt 0 ]] || chosen=("${suites[@]}")

  rm -rf -- "$results"
  mkdir -p -- "$results"
  need_pictures
  if [[ -n $name ]] && ! shim_has_test "$plain_name"; then
    for suite in "${!chosen[@]}"; do [[ ${chosen[suite]} != native-* ]] || unset "chosen[suite]"; done
  fi
  [[ " ${chosen[*]-} " != *" dotnet-"* ]] || need_onednn
  for suite in ${chosen[@]+"${chosen[@]}"}; do build_suite "$suite"; done
  for suite in ${chosen[@]+"${chosen[@]}"}; do
    run_suite "$suite" "$plain_name" "$filter" || failed+=("$suite")
    tests=$((tests + $(count_lines "$logs/$suite.log" "$dotnet_test|$ctest_test")))
  done
  [[ ${#failed[@]} -eq 0 ]] || explain_failures "$verb" "${failed[@]}"
  [[ $tests -gt 0 || -z $name ]] || fail "no test has '$name' in its name."
  say "All tests passed"
}

# explain_failures VERB SUITE...
explain_failures() {
  local verb=$1 suite failures
  shift
  for suite in "$@"; do
    printf '\n%s failed. All of its output is in %s.\n' "$suite" "$logs/$suite.log"
    failures=$(list_failures "$suite" "$verb")
    if [[ -n $failures ]]; then
      printf '%s\n' "$failures"
    else
      tail -n 30 -- "$logs/$suite.log"
      printf '    again: ./build.sh %s --suite %s\n' "$verb" "$suite"
    fi
  done
  echo
  fail "these tests failed: $*. The results are in $results."
}

# Mutates every format that is read, and calls every export of the shim under sanitizers: fuzz [SECONDS [SEED]].
# What fails is kept in tests/corpus, and the tests run it from then on.
fuzz() {
  build
  build_sanitized_shim
  say "Mutating files"
  dotnet run --project "$root/tests/NativeCnn.Fuzz" -c Release --no-build -- "${1:-60}" "${2:-1}" 9>&-
  say "Calling the shim under the sanitizers"
  "$root/build/native-sanitize/native/tests/shim_fuzz" "${1:-60}" "${2:-1}" 9>&-
}

generate() {
  need_dotnet
  local missing=()
  has_command clang || compgen -c | grep -qE '^clang-[0-9]+$' || missing+=(clang)
  [[ -n "$(find /usr/include /usr/local/include -name cblas.h -print -quit 2>/dev/null)" ]] ||
    missing+=(libopenblas-dev)
  [[ ${#missing[@]} -eq 0 ]] || install "${missing[@]}"
  step "Building the generator" generator-build dotnet build "$root/interop/generator" -c Release -v q
  say "Running the generator"
  local is_current=0
  dotnet run --project "$root/interop/generator" -c Release --no-build -- "$@" 9>&- || is_current=1
  # These pages are what the engine's documentation says, with what was generated above.
  step "Building the command and the writer of its reference" reference-build \
    dotnet build "$root/tools/NativeCnn.Reference" -c Release -v q
  dotnet run --project "$root/tools/NativeCnn.Reference" -c Release --no-build -- "$@" 9>&- || is_current=1
  return "$is_current"
}

format() {
  need_dotnet
  has_command clang-format || install clang-format
  dotnet tool restore >/dev/null
  local sources=()
  mapfile -d '' -t sources < <(
    find "$root/native" "$root/interop/generator" -name '*.[ch]' -not -name '*.g.h' -not -path '*/obj/*' -print0
  )
  if [[ "${1:-}" == --check ]]; then
    say "Checking the format of C# and C"
    dotnet csharpier check .
    clang-format --dry-run -Werror "${sources[@]}"
  else
    say "Formatting C# and C"
    dotnet csharpier format .
    clang-format -i "${sources[@]}"
  fi
}

clean() {
  say "Removing build/, artifacts/ and every bin/ and obj/"
  local folder error
  for folder in src interop samples tests benchmarks tools; do
    [[ -d "$root/$folder" ]] || continue
    error=$(find "$root/$folder" -type d \( -name bin -o -name obj \) -prune -exec rm -rf -- {} + 2>&1) ||
      fail "not everything could be removed: ${error%%$'\n'*}."
  done
  error=$(rm -rf -- "$root/build" "$root/artifacts" 2>&1) || fail "not everything could be removed: ${error%%$'\n'*}."
}

# ---- verbs ----

# Takes the checkout, and sees that it can be written to.
begin() {
  lock_checkout
  prepare_folders
}

verb=${1:-}
[[ $# -eq 0 ]] || shift
case "$verb" in
  build)
    begin
    build
    ;;
  test)
    begin
    run_tests test 'Category!=Slow' "$@"
    ;;
  test-all)
    begin
    run_tests test-all 'FullyQualifiedName~.' "$@"
    ;;
  fuzz)
    begin
    fuzz "$@"
    ;;
  train)
    begin
    build
    unlock_checkout
    exec "$root/nativecnn" train "$@"
    ;;
  bench)
    begin
    build
    unlock_checkout
    say "Running the benchmarks"
    exec dotnet run --project "$root/benchmarks/NativeCnn.Benchmarks" -c Release --no-build -- "$@"
    ;;
  generate)
    begin
    generate "$@"
    ;;
  format) format "$@" ;;
  clean)
    lock_checkout
    clean
    ;;
  '' | help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
