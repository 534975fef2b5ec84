namespace NativeCnn.Cli;

/// <summary>
/// What the user is told in one line, what is wrong and what to do, and the exit code that goes with it.
/// </summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Failure, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The arguments are wrong.</summary>
    public static CommandException Usage(string message) => new(message, ExitCodes.Usage);
}
