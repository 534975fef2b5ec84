# Starts the command that `./build.ps1 build` put into artifacts/cli.
$command = Join-Path $PSScriptRoot 'artifacts/cli/NativeCnn.Cli.dll'
if (-not (Test-Path $command)) {
    [Console]::Error.WriteLine('nativecnn: nothing is built yet. Run ./build.ps1 build.')
    exit 1
}
dotnet exec $command @args
exit $LASTEXITCODE
