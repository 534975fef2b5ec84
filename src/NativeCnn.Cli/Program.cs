using System.CommandLine;
using System.CommandLine.Help;
using NativeCnn.Cli.Commands;

namespace NativeCnn.Cli;

/// <summary>The command <c>nativecnn</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        // Not a RootCommand, which takes the name of the assembly: what the user types is the launcher's.
        Command root = new("nativecnn", "Trains convolutional networks on the CPU.")
        {
            CommonOptions.Verbose,
            new HelpOption { Action = new HelpWithExitCodes() },
            new VersionOption(),
            new TrainCommand(),
            new EvaluateCommand(),
            new PredictCommand(),
            new SummaryCommand(),
            new BenchCommand(),
            new ProfileCommand(),
            new DoctorCommand(),
        };

        ParseResult parsed = root.Parse(arguments);
        if (parsed.Action is HelpWithExitCodes)
            return parsed.Invoke();
        bool verbose = parsed.GetResult(CommonOptions.Verbose) is { Implicit: false };
        if (parsed.Errors is [var error, ..])
        {
            return ErrorReport.Write(
                CommandException.Usage(
                    $"{Sentence(parsed.Errors[^1].Message, error.Message)} See {Name(parsed)} --help."
                ),
                verbose
            );
        }
        try
        {
            return parsed.Invoke(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
            );
        }
#pragma warning disable CA1031 // The outermost frame: every failure becomes one line and an exit code.
        catch (Exception e)
        {
            return ErrorReport.Write(e, verbose);
        }
#pragma warning restore CA1031
    }

    // A mistyped command brings two errors, "no command" and the word that is none: the second says more.
    private static string Sentence(string last, string first) =>
        first.StartsWith("Required command", StringComparison.Ordinal) ? last : first;

    private static string Name(ParseResult parsed)
    {
        string name = parsed.CommandResult.Command.Name;
        return parsed.CommandResult.Parent is null ? "nativecnn" : $"nativecnn {name}";
    }
}
