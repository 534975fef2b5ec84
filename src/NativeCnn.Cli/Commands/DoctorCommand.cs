using System.CommandLine;
using NativeCnn.Cli.Diagnostics;
using NativeCnn.Cli.Output;
using NativeCnn.Threading;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn doctor</c>: what was found, what is wrong, and how to mend it.</summary>
internal sealed class DoctorCommand : Command
{
    private readonly Option<int> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = CommonOptions.Json();

    public DoctorCommand()
        : base(
            "doctor",
            "Looks at processor, libraries, threads and speed. Exits with 1 if something is wrong; slowness is a warning."
        )
    {
        Add(_threads);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        CommandOutput output = new(arguments.GetValue(_json));
        IReadOnlyList<Finding> findings = Doctor.Examine(threads == 0 ? ThreadCount.Default : threads);
        if (output.IsJson)
            FindingList.PrintJson(findings);
        else
            FindingList.Print(output, findings);
        return findings.Any(f => f.State == FindingState.Wrong) ? ExitCodes.Failure : ExitCodes.Success;
    }
}
