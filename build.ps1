#!/usr/bin/env pwsh
# Sets up, builds, tests and runs NativeCnn on Windows (PowerShell 7). Without a verb it prints the verbs.
# OpenBLAS comes with the NuGet package OpenBlasSharp.Windows; the .NET 10 SDK, CMake and a C compiler must be there.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
Set-Location -LiteralPath $PSScriptRoot

# Whatever is written or deleted is named by its whole path below the folder of this script.
$root = $PSScriptRoot
$solution = 'NativeCnn.sln'
$results = Join-Path $root 'build/test-results'
$logs = Join-Path $root 'build/log'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

function Show-Usage {
    @'
usage: ./build.ps1 VERB [arguments]

  build                build the C shim and the solution
  test [NAME]          build, then run the shim's tests and the .NET tests (Debug and Release);
                       NAME: only tests with this in their name; --suite SUITE: only this suite (docs/testing.md)
  test-all [NAME]      test, with the slow tests too
  fuzz [SECONDS [SEED]] build, then mutate every format that is read and call every export of the shim
  train [arguments]    build, then nativecnn train [arguments]
  bench [arguments]    build, then run the benchmarks (benchmarks/README.md)
  generate [--check]   write anew what is generated from the C headers and docs/layers.md; --check only compares
  format [--check]     format C# and C; --check only compares
  clean                remove everything that was built
'@
}

function Say([string] $text) { Write-Host "== $text" }

function Fail([string] $text) {
    [Console]::Error.WriteLine("build.ps1: $text")
    exit 1
}

# Runs a program and stops when it fails.
function Invoke-Step([string] $program, [string[]] $arguments) {
    & $program @arguments
    if ($LASTEXITCODE -ne 0) { Fail "this failed: $program $arguments" }
}

# The same with its output in a log, the end of which is shown if it fails.
function Invoke-Quietly([string] $name, [string] $program, [string[]] $arguments, [string] $remedy = '') {
    New-Item $logs -ItemType Directory -Force | Out-Null
    $log = Join-Path $logs "$name.log"
    & $program @arguments *> $log
    if ($LASTEXITCODE -ne 0) {
        Get-Content $log -Tail 30 | ForEach-Object { [Console]::Error.WriteLine($_) }
        Fail "this failed: $program $arguments. All of its output is in $log.$remedy"
    }
}

# ---- setup ----

function Test-Command([string] $name) { [bool](Get-Command $name -ErrorAction SilentlyContinue) }

function Assert-Dotnet {
    if (-not (Test-Command dotnet) -or -not (dotnet --list-sdks | Select-String '^10\.')) {
        Fail 'the .NET 10 SDK is missing. Run: winget install Microsoft.DotNet.SDK.10'
    }
}

function Assert-Tools {
    Assert-Dotnet
    if (-not (Test-Command cmake)) { Fail 'CMake is missing. Run: winget install Kitware.CMake' }
}

# ---- steps ----

function Build-Shim {
    Say 'Building the C shim (native-release)'
    $remedy = ' If CMake found no C compiler, run: winget install Microsoft.VisualStudio.2022.BuildTools --override "--add Microsoft.VisualStudio.Workload.VCTools"'
    Invoke-Quietly native-release-configure cmake @('-S', $root, '-B', "$root/build/native-release", '-DCMAKE_BUILD_TYPE=Release') $remedy
    Invoke-Quietly native-release-build cmake @('--build', "$root/build/native-release", '--config', 'Release', '--parallel', "$([Environment]::ProcessorCount)")
}

function Build-Solution([string] $configuration) {
    Say "Building $solution ($configuration)"
    # The Debug build is for its assertions: optimised, and without what the analyzers say of the Release build.
    $options = $configuration -eq 'Debug' ? @('-p:Optimize=true', '-p:RunAnalyzers=false', '-p:EnforceCodeStyleInBuild=false') : @()
    Invoke-Quietly "dotnet-$configuration-build" dotnet (@('build', "$root/$solution", '-c', $configuration, '-v', 'q') + $options)
}

function Build-All {
    Assert-Tools
    Build-Shim
    Build-Solution Release
    Say 'Publishing the command to artifacts/cli'
    Invoke-Quietly publish dotnet @('publish', "$root/src/NativeCnn.Cli", '-c', 'Release', '--no-build', '-o', "$root/artifacts/cli", '-v', 'q')
}

# Runs every suite even after one has failed: Invoke-Tests CATEGORY ([NAME] [--suite SUITE])
function Invoke-Tests([string] $filter, [string[]] $arguments) {
    $suites = 'native-release', 'dotnet-debug', 'dotnet-release'
    $chosen = @()
    $name = ''
    for ($i = 0; $i -lt $arguments.Count; $i++) {
        switch ($arguments[$i]) {
            '--suite' {
                $i++
                if ($arguments[$i] -notin $suites) { Fail "there is no suite '$($arguments[$i])'. The suites are: $suites." }
                $chosen += $arguments[$i]
                break
            }
            '--filter' {
                $i++
                $name = $arguments[$i]
                break
            }
            { $_ -like '-*' } { Fail "test knows no '$_'. It takes a part of a test's name, and --suite SUITE." }
            default { $name = $_ }
        }
    }
    if (-not $chosen) { $chosen = $suites }
    # A plain word is part of a name; anything else is a filter expression of dotnet test.
    $isExpression = $name -match '[=~&|!]'
    if ($name) { $filter = ($isExpression ? "($name)" : "FullyQualifiedName~$name") + "&$filter" }

    Remove-Item -LiteralPath $results -Recurse -Force -ErrorAction SilentlyContinue
    Build-All
    if ('dotnet-debug' -in $chosen) { Build-Solution Debug }
    $failed = @()
    foreach ($suite in $chosen) {
        Say "Testing $suite"
        if ($suite -eq 'native-release') {
            if ($isExpression) { continue }
            ctest --test-dir "$root/build/native-release" -C Release --parallel "$([Environment]::ProcessorCount)" --output-on-failure -R "$name"
        } else {
            $configuration = $suite -eq 'dotnet-debug' ? 'Debug' : 'Release'
            dotnet test "$root/$solution" -c $configuration --no-build --filter $filter --logger "trx;LogFileName=$suite.trx" --results-directory $results
        }
        if ($LASTEXITCODE -ne 0) { $failed += $suite }
    }
    if ($failed) { Fail "these tests failed: $failed. Run one suite again: ./build.ps1 test --suite $($failed[0]) $name" }
    Say 'All tests passed'
}

# There is no sanitized shim on Windows.
function Invoke-Fuzz([string[]] $arguments) {
    Build-All
    Say 'Fuzzing'
    Invoke-Step dotnet (@('run', '--project', "$root/tests/NativeCnn.Fuzz", '-c', 'Release', '--no-build', '--') + $arguments)
}

function Invoke-Generator([string[]] $arguments) {
    Assert-Dotnet
    if (-not (Test-Command clang)) { Fail 'clang is missing. Run: winget install LLVM.LLVM' }
    Say 'Running the generator'
    Invoke-Step dotnet (@('run', '--project', 'interop/generator', '-c', 'Release', '-v', 'q', '--') + $arguments)
    Say 'Writing docs/layers.md'
    Invoke-Step dotnet (@('run', '--project', 'tools/NativeCnn.Reference', '-c', 'Release', '-v', 'q', '--') + $arguments)
}

function Format-Sources([string[]] $arguments) {
    Assert-Dotnet
    if (-not (Test-Command clang-format)) { Fail 'clang-format is missing. Run: winget install LLVM.LLVM' }
    Invoke-Step dotnet @('tool', 'restore')
    $sources = (Get-ChildItem native -Recurse -Include *.c, *.h | Where-Object Name -NotLike '*.g.h').FullName
    if ($arguments -contains '--check') {
        Say 'Checking the format of C# and C'
        Invoke-Step dotnet @('csharpier', 'check', '.')
        Invoke-Step clang-format (@('--dry-run', '-Werror') + $sources)
    } else {
        Say 'Formatting C# and C'
        Invoke-Step dotnet @('csharpier', 'format', '.')
        Invoke-Step clang-format (@('-i') + $sources)
    }
}

function Remove-Built {
    Say 'Removing build/, artifacts/ and every bin/ and obj/'
    if (-not (Test-Path -LiteralPath (Join-Path $root $solution))) { Fail "$root is no checkout of NativeCnn." }
    foreach ($folder in 'build', 'artifacts') {
        Remove-Item -LiteralPath (Join-Path $root $folder) -Recurse -Force -ErrorAction SilentlyContinue
    }
    foreach ($folder in 'src', 'interop', 'samples', 'tests', 'benchmarks', 'tools') {
        Get-ChildItem -LiteralPath (Join-Path $root $folder) -Recurse -Directory |
            Where-Object Name -In 'bin', 'obj' |
            ForEach-Object { Remove-Item -LiteralPath $_.FullName -Recurse -Force -ErrorAction SilentlyContinue }
    }
}

# ---- verbs ----

$verb, $rest = $args
$rest = @($rest | Where-Object { $null -ne $_ })
switch ($verb) {
    'build' { Build-All }
    'test' { Invoke-Tests 'Category!=Slow' $rest }
    'test-all' { Invoke-Tests 'FullyQualifiedName~.' $rest }
    'fuzz' { Invoke-Fuzz $rest }
    'train' {
        Build-All
        & ./nativecnn.ps1 train @rest
        exit $LASTEXITCODE
    }
    'bench' {
        Build-All
        Say 'Running the benchmarks'
        Invoke-Step dotnet (@('run', '--project', 'benchmarks/NativeCnn.Benchmarks', '-c', 'Release', '--no-build', '--') + $rest)
    }
    'generate' { Invoke-Generator $rest }
    'format' { Format-Sources $rest }
    'clean' { Remove-Built }
    { $_ -in $null, '', 'help', '-h', '--help' } { Show-Usage }
    default {
        Show-Usage
        exit 2
    }
}
exit 0
