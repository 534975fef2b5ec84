namespace NativeCnn.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command was understood and did not succeed.</summary>
    public const int Failure = 1;

    /// <summary>The arguments are wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C, SIGTERM or SIGHUP; what was reached so far is saved.</summary>
    public const int Interrupted = 130;
}
