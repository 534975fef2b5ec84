#!/usr/bin/env pwsh
# Sets up, builds, tests and runs NativeCnn on Windows (PowerShell 7). Without a verb it prints the verbs.
# OpenBLAS comes with the NuGet package OpenBlasSharp.Windows; the .NET 10 SDK, CMake and a C compiler must be there.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
Set-Location $PSScriptRoot

$solution = 'NativeCnn.sln'
$results = 'build/test-results'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

function Show-Usage {
    @'
usage: ./build.ps1 VERB [arguments]

  build                build the C shim and the solution
  test                 build, then run the shim's tests and the .NET tests (Debug and Release)
  test-all             test, with the slow tests too
  train [arguments]    build, then nativecnn train [arguments]
  bench [arguments]    build, then run the benchmarks (benchmarks/README.md)
  generate [--check]   write what is generated from the C headers anew; --check only compares
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
    Say 'Building the C shim in build/native-release'
    & cmake -S . -B build/native-release -DCMAKE_BUILD_TYPE=Release
    if ($LASTEXITCODE -ne 0) {
        Fail 'CMake did not succeed. If it found no C compiler, run: winget install Microsoft.VisualStudio.2022.BuildTools --override "--add Microsoft.VisualStudio.Workload.VCTools"'
    }
    Invoke-Step cmake @('--build', 'build/native-release', '--config', 'Release', '--parallel', "$([Environment]::ProcessorCount)")
}

function Build-Solution([string] $configuration) {
    Say "Building $solution ($configuration)"
    Invoke-Step dotnet @('build', $solution, '-c', $configuration, '-v', 'q')
}

function Build-All {
    Assert-Tools
    Build-Shim
    Build-Solution Release
    Say 'Publishing the command to artifacts/cli'
    Invoke-Step dotnet @('publish', 'src/NativeCnn.Cli', '-c', 'Release', '--no-build', '-o', 'artifacts/cli', '-v', 'q')
}

# Runs every suite even after one has failed.
function Invoke-Tests([string] $filter) {
    Remove-Item $results -Recurse -Force -ErrorAction SilentlyContinue
    Build-All
    Build-Solution Debug
    $failed = @()
    Say 'Testing the C shim'
    ctest --test-dir build/native-release -C Release --output-on-failure
    if ($LASTEXITCODE -ne 0) { $failed += 'native-release' }
    foreach ($configuration in 'Debug', 'Release') {
        Say "Running the .NET tests: $configuration"
        dotnet test $solution -c $configuration --no-build --filter $filter --logger "trx;LogFileName=$configuration.trx" --results-directory $results
        if ($LASTEXITCODE -ne 0) { $failed += $configuration }
    }
    if ($failed) { Fail "these tests failed: $failed" }
    Say 'All tests passed'
}

function Invoke-Generator([string[]] $arguments) {
    Assert-Dotnet
    if (-not (Test-Command clang)) { Fail 'clang is missing. Run: winget install LLVM.LLVM' }
    Say 'Running the generator'
    Invoke-Step dotnet (@('run', '--project', 'interop/generator', '-c', 'Release', '-v', 'q', '--') + $arguments)
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
    Remove-Item build, artifacts -Recurse -Force -ErrorAction SilentlyContinue
    Get-ChildItem src, interop, samples, tests, benchmarks -Recurse -Directory -Include bin, obj | Remove-Item -Recurse -Force
}

# ---- verbs ----

$verb, $rest = $args
$rest = @($rest | Where-Object { $null -ne $_ })
switch ($verb) {
    'build' { Build-All }
    'test' { Invoke-Tests 'Category!=Slow' }
    'test-all' { Invoke-Tests 'FullyQualifiedName~.' }
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
