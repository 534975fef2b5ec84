using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace NativeCnn.Cli;

/// <summary>The help of a command, with the exit codes under it.</summary>
internal sealed class HelpWithExitCodes : SynchronousCommandLineAction
{
    private readonly HelpAction _help = new();

    // Help is shown whatever else is wrong on the line.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(
            """
            Exit codes:
              0    success
              1    failure; one line on standard error says what and what to do
              2    wrong arguments
              130  interrupted by Ctrl-C, SIGTERM or SIGHUP; train keeps the last finished epoch
            """
        );
        return ExitCodes.Success;
    }
}
