#!/usr/bin/env bash
# Sets up, builds, tests and runs NativeCnn on Linux. Without a verb it prints the verbs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly solution=NativeCnn.sln
readonly results=build/test-results
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

usage() {
  cat <<'EOT'
usage: ./build.sh VERB [arguments]

  build                install what is missing, build the C shim and the solution
  test                 build, then run the shim's tests (plain and with sanitizers) and the .NET tests (Debug and Release)
  test-all             test, with the slow tests too
  train [arguments]    build, then ./nativecnn train [arguments]
  bench [arguments]    build, then run the benchmarks (benchmarks/README.md)
  fuzz [SECONDS [SEED]] build, then mutate every format that is read and call every export of the shim, for 60 s each
  generate [--check]   write what is generated from the C headers anew; --check only compares
  format [--check]     format C# and C; --check only compares
  clean                remove everything that was built
EOT
}

say() { printf '== %s\n' "$*"; }

fail() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

# ---- setup ----

# Installs Debian packages, or says how to.
install() {
  local command="apt-get update && apt-get install -y --no-install-recommends $*"
  command -v apt-get >/dev/null ||
    fail "these are missing (by their Debian names): $*. Install them with this system's package manager."
  local root=()
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || fail "as root, run: $command"
    root=(sudo)
  fi
  say "Installing $* with ${root[*]:+sudo }apt-get"
  if ! "${root[@]}" apt-get update -qq ||
    ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; then
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

# ---- steps ----

# Configures and builds the shim: build_shim FOLDER [CMake arguments].
build_shim() {
  local folder=$1
  shift
  say "Building the C shim in $folder"
  cmake -S . -B "$folder" "$@" >/dev/null
  cmake --build "$folder" --parallel "$(getconf _NPROCESSORS_ONLN)"
}

build_solution() {
  say "Building $solution ($1)"
  dotnet build "$solution" -c "$1" -v q
}

# The command is compiled ahead of time, so that it starts at once.
publish_command() {
  say "Publishing the command to artifacts/cli"
  dotnet publish src/NativeCnn.Cli -c Release --no-build -o artifacts/cli -v q
}

build() {
  need_tools
  build_shim build/native-release -DCMAKE_BUILD_TYPE=Release
  build_solution Release
  publish_command
}

test_shim() {
  say "Testing the C shim in $1"
  ctest --test-dir "$1" --output-on-failure --output-junit "$PWD/$results/$(basename "$1").xml"
}

# test_solution NAME CONFIGURATION FILTER
test_solution() {
  say "Running the .NET tests: $1"
  # What is started in the background ignores Ctrl-C, and so would the commands that the tests interrupt.
  local reset=()
  if env --default-signal=INT true 2>/dev/null; then reset=(env --default-signal=INT); fi
  ${reset[@]+"${reset[@]}"} dotnet test "$solution" -c "$2" --no-build --filter "$3" \
    --logger "trx;LogFileName=$1.trx" --results-directory "$results"
}

# Runs every suite even after one has failed; the exit code tells.
run_tests() {
  local filter=$1 failed=()
  rm -rf "$results"
  mkdir -p "$results"
  build
  build_shim build/native-sanitize -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNATIVECNN_SANITIZE=ON
  build_solution Debug
  test_shim build/native-release || failed+=(native-release)
  test_shim build/native-sanitize || failed+=(native-sanitize)
  test_solution dotnet-debug Debug "$filter" || failed+=(dotnet-debug)
  test_solution dotnet-release Release "$filter" || failed+=(dotnet-release)
  # The operations once more as a processor without AVX runs them.
  NATIVECNN_INSTRUCTION_SET=baseline test_solution dotnet-baseline Release "FullyQualifiedName~NativeCnn.Tests.Backends.&$filter" ||
    failed+=(dotnet-baseline)
  [[ ${#failed[@]} -eq 0 ]] || fail "these tests failed: ${failed[*]}. The results are in $results."
  say "All tests passed"
}

# What fails is kept in tests/corpus, and the tests run it from then on.
fuzz() {
  build
  build_shim build/native-sanitize -DCMAKE_BUILD_TYPE=RelWithDebInfo -DNATIVECNN_SANITIZE=ON
  say "Mutating files"
  dotnet run --project tests/NativeCnn.Fuzz -c Release --no-build -- "${1:-60}" "${2:-1}"
  say "Calling the shim under the sanitizers"
  build/native-sanitize/native/tests/shim_fuzz "${1:-60}" "${2:-1}"
}

generate() {
  need_dotnet
  local missing=()
  has_command clang || compgen -c | grep -qE '^clang-[0-9]+$' || missing+=(clang)
  [[ -n "$(find /usr/include /usr/local/include -name cblas.h -print -quit 2>/dev/null)" ]] ||
    missing+=(libopenblas-dev)
  [[ ${#missing[@]} -eq 0 ]] || install "${missing[@]}"
  say "Running the generator"
  dotnet run --project interop/generator -c Release -v q -- "$@"
}

format() {
  need_dotnet
  has_command clang-format || install clang-format
  dotnet tool restore >/dev/null
  local sources=()
  mapfile -t sources < <(find native interop/generator -name '*.[ch]' -not -name '*.g.h' -not -path '*/obj/*')
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
  rm -rf build artifacts
  find src interop samples tests benchmarks -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
}

# ---- verbs ----

verb=${1:-}
[[ $# -eq 0 ]] || shift
case "$verb" in
  build) build ;;
  test) run_tests 'Category!=Slow' ;;
  test-all) run_tests 'FullyQualifiedName~.' ;;
  train)
    build
    exec ./nativecnn train "$@"
    ;;
  bench)
    build
    say "Running the benchmarks"
    dotnet run --project benchmarks/NativeCnn.Benchmarks -c Release --no-build -- "$@"
    ;;
  fuzz) fuzz "$@" ;;
  generate) generate "$@" ;;
  format) format "$@" ;;
  clean) clean ;;
  '' | help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
