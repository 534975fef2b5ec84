using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using NativeCnn.Cli.Commands;
using NativeCnn.Cli.Output;

namespace NativeCnn.Cli;

/// <summary>The command <c>nativecnn</c>.</summary>
internal static class Program
{
    private static PosixSignalRegistration? fileTooLarge;

    private static int Main(string[] arguments)
    {
        StandardStream.Install();
        // File sizes may be limited (ulimit -f): a write is then to fail, and not to end the process. Held to its very
        // end, for signals are answered a little later than they come.
        if (!OperatingSystem.IsWindows())
            fileTooLarge = PosixSignalRegistration.Create((PosixSignal)25, context => context.Cancel = true);
        bool verbose = false;
        try
        {
            ParseResult parsed = Parse(arguments);
            verbose = parsed.GetResult(CommonOptions.Verbose) is { Implicit: false };
            if (parsed.Action is not HelpWithExitCodes && parsed.Errors is [var error, ..])
            {
                throw CommandException.Usage(
                    $"{Sentence(parsed.Errors[^1].Message, error.Message)} See {Name(parsed)} --help."
                );
            }
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

    /// <summary>Reads a command line. A word that begins with @ is a word, not the name of a file of words.</summary>
    internal static ParseResult Parse(IReadOnlyList<string> arguments) => Parse(CreateRoot(), arguments);

    /// <summary>Reads a command line by commands that there are.</summary>
    internal static ParseResult Parse(Command root, IReadOnlyList<string> arguments) =>
        root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>All commands.</summary>
    // Not a RootCommand, which takes the name of the assembly: what the user types is the launcher's.
    internal static Command CreateRoot() =>
        new("nativecnn", "Trains convolutional networks on the CPU.")
        {
            CommonOptions.Verbose,
            new HelpOption { Action = new HelpWithExitCodes() },
            new VersionOption(),
            new DownloadCommand(),
            new TrainCommand(),
            new EvaluateCommand(),
            new PredictCommand(),
            new ShowCommand(),
            new SummaryCommand(),
            new BenchCommand(),
            new ProfileCommand(),
            new SchemaCommand(),
            new VerifyCommand(),
            new CompareCommand(),
            new DoctorCommand(),
        };

    // A mistyped command brings two errors, "no command" and the word that is none: the second says more.
    private static string Sentence(string last, string first) =>
        first.StartsWith("Required command", StringComparison.Ordinal) ? last : first;

    private static string Name(ParseResult parsed)
    {
        string name = parsed.CommandResult.Command.Name;
        return parsed.CommandResult.Parent is null ? "nativecnn" : $"nativecnn {name}";
    }
}
