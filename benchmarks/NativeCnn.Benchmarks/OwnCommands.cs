using System.CommandLine;
using System.CommandLine.Help;
using NativeCnn.Interop;

namespace NativeCnn.Benchmarks;

/// <summary>The commands that are ours; every other command line is BenchmarkDotNet's.</summary>
public static class OwnCommands
{
    private const int Failure = 1;
    private const int Usage = 2;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Command> Create() =>
        [
            new LayersCommand(),
            new DenseCommand(),
            new CompileCommand(),
            new PackedCommand(),
            new StreamingCommand(),
            new OneDnnCommand(),
            new RegretCommand(),
            new ScalingCommand(),
            new PicturesCommand(),
            new TrainingStartCommand(),
        ];

    /// <summary>Lists them where the arguments ask for help; what BenchmarkDotNet says of its own options follows.</summary>
    public static void ListWhereAsked(IReadOnlyList<string> arguments)
    {
        if (arguments is not (["--help"] or ["-h"] or ["-?"] or ["help"]))
            return;
        Console.WriteLine("Commands, each with a --help of its own:");
        foreach (Command command in Create())
            Console.WriteLine($"  {command.Name, -16}{command.Description}");
        Console.WriteLine();
        Console.WriteLine("Everything else is BenchmarkDotNet's:");
    }

    /// <summary>Runs the command that the first word names; what is wrong becomes one line on standard error.</summary>
    /// <returns>The exit code, or null where the first word names none.</returns>
    public static int? Run(IReadOnlyList<string> arguments)
    {
        if (Create().FirstOrDefault(own => arguments.Count > 0 && own.Name == arguments[0]) is not { } command)
            return null;
        command.Add(new HelpOption());
        ParseResult parsed = command.Parse([.. arguments.Skip(1)]);
        if (parsed.Action is not HelpAction && parsed.Errors is [var mistake, ..])
        {
            Console.Error.WriteLine($"{mistake.Message} See {command.Name} --help.");
            return Usage;
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error)
            when (error
                    is InvalidOperationException
                        or ArgumentException
                        or NativeLibraryException
                        or IOException
                        or OutOfMemoryException
            )
        {
            Console.Error.WriteLine(error.Message);
            return Failure;
        }
    }
}
