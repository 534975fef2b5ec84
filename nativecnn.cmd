@echo off
rem Starts the command that build.ps1 put into artifacts\cli.
if not exist "%~dp0artifacts\cli\NativeCnn.Cli.dll" (
  echo nativecnn: nothing is built yet. Run build.ps1 build. 1>&2
  exit /b 1
)
dotnet exec "%~dp0artifacts\cli\NativeCnn.Cli.dll" %*
