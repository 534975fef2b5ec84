using System.Text;
using NativeCnn.Cli.Output;

namespace NativeCnn.Cli;

/// <summary>Turns an exception into one line on standard error and an exit code.</summary>
internal static class ErrorReport
{
    /// <summary>Writes the line, and the stack trace where asked for.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(Exception exception, bool verbose)
    {
        // Not the engine: this must work when it cannot be loaded.
        Notice.Write(Line(exception));
        if (verbose)
            Notice.WriteTrace(exception);
        return exception is CommandException known ? known.ExitCode : ExitCodes.Failure;
    }

    /// <summary>
    /// What the user is told: the message without line breaks, and for a defect of the program, that it is one.
    /// </summary>
    internal static string Line(Exception exception)
    {
        Exception cause = exception;
        while (
            cause is TypeInitializationException or System.Reflection.TargetInvocationException
            && cause.InnerException is { } inner
        )
            cause = inner;
        string message = Message(cause);
        return IsDefect(cause)
            ? $"an error that should not happen ({cause.GetType().Name}): {message} Please report what --verbose prints."
            : message;
    }

    /// <summary>The message of one exception on one line.</summary>
    public static string Message(Exception exception) =>
        OneLine(exception is ArgumentException argument ? WithoutParameter(argument) : exception.Message);

    private static bool IsDefect(Exception e) =>
        e
            is NullReferenceException
                or IndexOutOfRangeException
                or InvalidCastException
                or KeyNotFoundException
                or ObjectDisposedException;

    // .NET appends the name of a parameter, which means nothing to who typed the command.
    private static string WithoutParameter(ArgumentException e)
    {
        string suffix = $" (Parameter '{e.ParamName}')";
        int at = e.Message.IndexOf(suffix, StringComparison.Ordinal);
        return at < 0 ? e.Message : e.Message[..at];
    }

    private static string OneLine(string text)
    {
        StringBuilder line = new(text.Length);
        foreach (
            string part in text.Split(
                ['\r', '\n'],
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
        )
            line.Append(line.Length == 0 ? "" : " ").Append(part);
        return line.ToString();
    }
}
