using System.CommandLine;
using NativeCnn.Cli.Diagnostics;
using NativeCnn.Cli.Output;

namespace NativeCnn.Cli.Commands;

/// <summary><c>nativecnn doctor</c>: what was found, what is wrong, and how to mend it.</summary>
internal sealed class DoctorCommand : Command
{
    private readonly ThreadsOption _threads = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public DoctorCommand()
        : base(
            "doctor",
            "Looks at processor, libraries, threads and speed. Exits with 1 if something is wrong; slowness is a warning."
        )
    {
        _threads.AddTo(this);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        IReadOnlyList<Finding> findings = Doctor.Examine(_threads.Read(arguments));
        if (output.IsJson)
            FindingList.PrintJson(findings);
        else
            FindingList.Print(output, findings);
        return findings.Any(f => f.State == FindingState.Wrong) ? ExitCodes.Failure : ExitCodes.Success;
    }
}
